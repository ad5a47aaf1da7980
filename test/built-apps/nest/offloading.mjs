// An app of Nest with one offloaded route, without the decorators' syntax: what they do is a call.
import 'reflect-metadata';
import { All, Catch, Controller, Module, Next, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/**
 * @param platform `express` or `fastify`
 * @param route what `offload` returned
 * @returns where it listens, and what ends it
 */
export async function listen(platform, route) {
  const decorate = (decorators, target) => decorators.forEach((decorator) => decorator(target));

  class Offloading {
    answer(request, response, next) {
      return route(request, response, next);
    }
  }
  [Req(), Res(), Next()].forEach((parameter, index) => parameter(Offloading.prototype, 'answer', index));
  All('base/:id/:what')(Offloading.prototype, 'answer', Object.getOwnPropertyDescriptor(Offloading.prototype, 'answer'));
  decorate([Controller()], Offloading);

  class CodeFilter {
    catch(error, host) {
      const { httpAdapter } = app;
      const response = host.switchToHttp().getResponse();
      for (const [name, value] of Object.entries(error.headers ?? {})) httpAdapter.setHeader(response, name, value);
      httpAdapter.reply(response, { code: error.code }, error.status ?? 500);
    }
  }
  decorate([Catch()], CodeFilter);

  class AppModule {}
  decorate([Module({ controllers: [Offloading] })], AppModule);

  const adapter = platform === 'fastify' ? [new FastifyAdapter({ forceCloseConnections: true })] : [];
  const app = await NestFactory.create(AppModule, ...adapter, { logger: false, forceCloseConnections: true });
  app.useGlobalFilters(new CodeFilter());
  if (platform === 'fastify') {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', async (_request, reply) => {
      reply.header('Set-Cookie', 'app=1').header('Vary', 'Origin');
    });
    // What it has no parser for comes as a stream.
    fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  } else
    app.use((_request, response, next) => {
      response.cookie('app', '1').vary('Origin');
      next();
    });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
