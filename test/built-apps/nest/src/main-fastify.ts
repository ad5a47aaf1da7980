import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommonModule } from './app.module.ts';

async function bootstrap() {
  const adapter = new FastifyAdapter({ trustProxy: true });
  const app = await NestFactory.create<NestFastifyApplication>(CommonModule, adapter, { logger: ['warn', 'error'] });
  app.enableCors({ origin: 'https://a.test', credentials: true });
  await app.listen(process.env.PORT ?? 3000);
}
void bootstrap();
