import { MODES, TARGETS, type Target } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { exchange, jsonOf, requestText, valuesOf } from './wire.ts';

/** What a handler answers to GET /, less the pid, which differs. */
function answers(expect: Readonly<Record<string, unknown>>, target = '/'): Record<string, Check> {
  return {
    'GET is answered': {
      see: async ({ port }) => {
        const { pid, ...rest } = jsonOf(await exchange(port, requestText('GET', target)));
        return { ...rest, hasPid: typeof pid === 'number' };
      },
      expect: { ...expect, hasPid: true },
    },
    'HEAD is answered without a body': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('HEAD', target));
        return [response?.status, response?.body];
      },
      expect: [200, ''],
    },
  };
}

/** What the apps of the fixtures have in common. */
function app(framework: string): Record<string, Check> {
  return {
    ...answers({ framework }),
    'a JSON body arrives and comes back': {
      see: async ({ port }) => {
        const body = JSON.stringify({ list: [1, 2], text: 'caf\\u00e9' });
        const response = await exchange(port, requestText('POST', '/echo', ['Content-Type: application/json'], body));
        return { json: jsonOf(response), types: valuesOf(response, 'content-type').map((type) => type.split(';')[0]) };
      },
      expect: { json: { list: [1, 2], text: 'caf\\u00e9' }, types: ['application/json'] },
    },
    'what has no route is 404': {
      see: async ({ port }) => (await exchange(port, requestText('GET', '/no/such/route')))?.status,
      expect: 404,
    },
    'an error is answered by the app itself, as 500': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/throws'));
        return [response?.status, response?.body.includes('secret-4711'), response?.body.includes('ERR_HANDLER_THREW')];
      },
      expect: [500, false, false],
    },
  };
}

interface Kind {
  readonly handler: string;
  readonly targets: readonly Target[];
  readonly checks: Record<string, Check>;
}

/** Where a handler is loaded and called in another way; in mode fork it is as in mode pool, and each answer costs a process. */
const WAYS = TARGETS.filter((target) => target !== 'fork');
const WAYS_OF_MODES = MODES.filter((mode) => mode !== 'fork');

const KINDS: Readonly<Record<string, Kind>> = {
  'fetch function': {
    handler: 'fetch-protocol.mjs',
    targets: MODES,
    checks: {
      'GET is answered': {
        see: async ({ port }) => jsonOf(await exchange(port, requestText('GET', '/echo?a=b')))['url'],
        expect: 'http://example.test/echo?a=b',
      },
    },
  },
  '{ fetch }': {
    handler: 'fetch-object.mjs',
    targets: WAYS_OF_MODES,
    checks: answers({ kind: 'fetch object', greeting: 'from an object', method: 'GET', body: '' }),
  },
  '(req, res)': {
    handler: 'node-echo.mjs',
    targets: TARGETS,
    checks: answers(
      { method: 'GET', url: '/?a=b', headers: { host: 'example.test' }, rawHeaders: ['Host', 'example.test'], body: '' },
      '/?a=b',
    ),
  },
  'CommonJS fetch': { handler: 'cjs-handler.cjs', targets: WAYS_OF_MODES, checks: answers({ style: 'cjs', path: '/' }) },
  'CommonJS (req, res)': {
    handler: 'node-cjs.cjs',
    targets: WAYS,
    checks: answers({ kind: 'node cjs', method: 'GET', url: '/' }),
  },
  'ES module compiled to CommonJS': {
    handler: 'transpiled.cjs',
    targets: WAYS_OF_MODES,
    checks: answers({ kind: 'transpiled', method: 'GET' }),
  },
  'http.Server': { handler: 'server-object.mjs', targets: WAYS, checks: answers({ kind: 'server', method: 'GET' }) },
  'a program that listens by itself': {
    handler: 'program.mjs',
    targets: MODES,
    checks: answers({ kind: 'program', method: 'GET', told: { port: 3000, listening: true } }),
  },
  TypeScript: { handler: 'typescript-app.ts', targets: WAYS_OF_MODES, checks: answers({ kind: 'typescript' }) },
  Express: { handler: 'express-app.mjs', targets: TARGETS, checks: app('express') },
  Koa: { handler: 'koa-app.mjs', targets: WAYS, checks: app('koa') },
  Fastify: { handler: 'fastify-app.mjs', targets: WAYS, checks: app('fastify') },
  Hono: { handler: 'hono-app.mjs', targets: WAYS_OF_MODES, checks: app('hono') },
  h3: { handler: 'h3-app.mjs', targets: WAYS_OF_MODES, checks: app('h3') },
};

for (const [name, { handler, targets, checks }] of Object.entries(KINDS)) {
  // One worker will do: the kind of a handler is no matter of their number.
  topic(`kind ${name}`, { handler, targets, args: ['--max', '1'] }, checks);
}
