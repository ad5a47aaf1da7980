import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import express, { type ErrorRequestHandler } from 'express';
import fastify from 'fastify';
import { H3, toNodeHandler } from 'h3';
import { Hono } from 'hono';
import Koa from 'koa';
import type { OffloadedRoute } from '../../src/offload/offload.ts';
import { startProgram } from '../conformance/targets.ts';
import { builtApp } from '../support/built-app.ts';

export interface RunningApp extends AsyncDisposable {
  /** Of the offloaded route: the next part of the path says what the worker does. */
  readonly url: string;
}

export interface AppFacts {
  /** The parameters that its route has, for /base/:id/:what. */
  readonly params: Readonly<Record<string, string>>;
  /** What the worker gets of the JSON text `{ "text": "Größe" }`, which some apps have parsed before, and Hono has kept. */
  readonly body: string;
  /** How it hands on the query `?a=1&b=x%20y`. Default as it was sent. */
  readonly query?: string;
  /** Whether the framework knows of the client's address. */
  readonly knowsAddress: boolean;
  /** Whether early hints and trailers come through. */
  readonly passesHints: boolean;
  readonly listen: (route: OffloadedRoute) => Promise<RunningApp>;
}

const AS_SENT = '{ "text": "Größe" }';
const ANEW = '{"text":"Größe"}';
const PARAMS = { id: '7', what: 'tells' };
/** What the app itself says in each answer. */
export const APP_COOKIE = 'app=1';

/** The global Request and Response stay what they are, for the other apps in this process. */
const OWN_CLASSES = { overrideGlobalObjects: false };

/** Apps of all frameworks with one offloaded route. Errors are answered with their code, by the framework's own error handling. */
export const APPS: Readonly<Record<string, AppFacts>> = {
  express: { params: PARAMS, body: ANEW, knowsAddress: true, passesHints: true, listen: (route) => serve(expressApp(route)) },
  'node:http': { params: {}, body: AS_SENT, knowsAddress: true, passesHints: true, listen: (route) => serve(bareApp(route)) },
  koa: { params: {}, body: AS_SENT, knowsAddress: true, passesHints: true, listen: (route) => serve(koaApp(route)) },
  fastify: { params: PARAMS, body: ANEW, knowsAddress: true, passesHints: true, listen: (route) => fastifyApp(route) },
  hono: {
    params: PARAMS,
    body: AS_SENT,
    knowsAddress: true,
    passesHints: false,
    listen: (route) => serve(getRequestListener(honoApp(route).fetch, OWN_CLASSES)),
  },
  h3: {
    params: PARAMS,
    body: AS_SENT,
    knowsAddress: true,
    passesHints: false,
    listen: (route) => serve(toNodeHandler(h3App(route))),
  },
  ...nestApps(),
  'next, built': {
    params: PARAMS,
    body: AS_SENT,
    // URLSearchParams writes it anew.
    query: '?a=1&b=x+y',
    knowsAddress: false,
    passesHints: false,
    listen: nextApp,
  },
  // As Next calls a route handler.
  web: {
    params: PARAMS,
    body: AS_SENT,
    knowsAddress: false,
    passesHints: false,
    listen: (route) => serve(getRequestListener(webApp(route), OWN_CLASSES)),
  },
};

function expressApp(route: OffloadedRoute): RequestListener {
  const app = express();
  app.use((_request, response, next) => {
    response.cookie('app', '1').vary('Origin');
    next();
  });
  app.use(express.json());
  const router = express.Router();
  router.all('/:id/:what', route);
  app.use('/base', router);
  const onError: ErrorRequestHandler = (
    error: { readonly status: number; readonly code: string; readonly headers: object },
    _,
    response,
    next,
  ) => {
    if (response.headersSent) next(error);
    else response.status(error.status).set(error.headers).json({ code: error.code });
  };
  app.use(onError);
  return app;
}

function bareApp(route: OffloadedRoute): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Set-Cookie', APP_COOKIE).setHeader('Vary', 'Origin');
    void route(request, response);
  };
}

function koaApp(route: OffloadedRoute): RequestListener {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    ctx.append('Set-Cookie', APP_COOKIE);
    ctx.vary('Origin');
    try {
      await next();
    } catch (error) {
      const { status, headers, code } = error as {
        readonly status: number;
        readonly headers: Record<string, string>;
        readonly code: string;
      };
      ctx.status = status;
      ctx.set(headers);
      ctx.body = { code };
    }
  });
  app.use(route);
  const listener = app.callback();
  return (request, response) => void listener(request, response);
}

async function fastifyApp(route: OffloadedRoute): Promise<RunningApp> {
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('Set-Cookie', APP_COOKIE).header('Vary', 'Origin');
  });
  // What it has no parser for comes as a stream.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.all('/base/:id/:what', route);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `${url}/base/7`, [Symbol.asyncDispose]: () => app.close() };
}

function honoApp(route: OffloadedRoute): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    c.header('Set-Cookie', APP_COOKIE, { append: true });
    c.header('Vary', 'Origin', { append: true });
    if (c.req.header('content-type') === 'application/json') await c.req.json();
    await next();
  });
  app.all('/base/:id/:what', route);
  return app;
}

function h3App(route: OffloadedRoute): H3 {
  const app = new H3({ silent: true });
  app.use((event) => {
    event.res.headers.append('Set-Cookie', APP_COOKIE);
    event.res.headers.append('Vary', 'Origin');
  });
  app.all('/base/:id/:what', route);
  return app;
}

function webApp(route: OffloadedRoute): (request: Request) => Promise<Response> {
  return async (request) => {
    const [, , id, what] = new URL(request.url).pathname.split('/');
    const response = await route(request, { params: Promise.resolve({ id, what }) });
    response.headers.append('Set-Cookie', APP_COOKIE);
    response.headers.append('Vary', 'Origin');
    return response;
  };
}

interface NestModule {
  readonly listen: (
    platform: string,
    route: OffloadedRoute,
  ) => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
}

function nestApps(): Record<string, AppFacts> {
  const facts = { params: PARAMS, body: ANEW, knowsAddress: true, passesHints: true };
  return Object.fromEntries(
    ['express', 'fastify'].map((platform) => [`nest on ${platform}`, { ...facts, listen: (route) => nestApp(platform, route) }]),
  );
}

async function nestApp(platform: string, route: OffloadedRoute): Promise<RunningApp> {
  const { listen } = (await import(pathToFileURL(join(builtApp('nest'), 'offloading.mjs')).href)) as NestModule;
  const { url, close } = await listen(platform, route);
  return { url: `${url}/base/7`, [Symbol.asyncDispose]: close };
}

/** Has a route of its own, in its build. */
async function nextApp(): Promise<RunningApp> {
  const server = await startProgram(join(builtApp('next'), 'server.mjs'), { NODE_ENV: 'production' });
  return { url: `${server.url}/base/7`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export async function serve(listener: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<RunningApp> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/7`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
