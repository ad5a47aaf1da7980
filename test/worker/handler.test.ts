import assert from 'node:assert/strict';
import { createServer, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TUNNEL_KINDS } from '../../src/channel/messages.ts';
import { type HandlerModule, InvalidHandlerError, readConfig, readHandlerModule } from '../../src/worker/handler.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { httpServer } from '../http/http-server.ts';

type Parts = Parameters<HandlerModule['handle']>;

/** Serves a module's handler with bare node:http and gives the body of `GET /path`. */
async function answerOf(
  t: Parameters<typeof httpServer>[0],
  namespace: Readonly<Record<string, unknown>>,
  path = '/',
): Promise<string> {
  const { handle } = await readHandlerModule(namespace);
  const { url } = await httpServer(t, handle);
  return (await get(`${url}${path}`)).text();
}

class WithFetch {
  readonly #word = 'method';
  fetch(): Response {
    return new Response(`fetch ${this.#word}`);
  }
}

const nodeStyle = (request: Parts[0], response: Parts[1]): void => void response.end(`node ${String(request.url)}`);
const fetchStyle = (request: Request): Response => new Response(`fetch ${new URL(request.url).pathname}`);

const KINDS: readonly [what: string, exported: unknown, answer: string][] = [
  ['a function of one parameter', fetchStyle, 'fetch /'],
  ['an async function of one parameter', async (request: Request) => fetchStyle(request), 'fetch /'],
  ['a function of no parameter', () => new Response('fetch none'), 'fetch none'],
  ['an object with fetch', { fetch: fetchStyle }, 'fetch /'],
  ['an object whose fetch is a method that needs its this', new WithFetch(), 'fetch method'],
  [
    'a function that has fetch: that comes first',
    Object.assign((_a: unknown, _b: unknown) => 'wrong', { fetch: fetchStyle }),
    'fetch /',
  ],
  ['a function of two parameters', nodeStyle, 'node /'],
  [
    'an async function of two parameters',
    async (request: Parts[0], response: Parts[1]) => nodeStyle(request, response),
    'node /',
  ],
  [
    'a function of three parameters, as Express apps are',
    (request: Parts[0], response: Parts[1], _next: unknown) => nodeStyle(request, response),
    'node /',
  ],
  ['an object with callback, as Koa apps are', { callback: () => nodeStyle }, 'node /'],
  ['CommonJS that was compiled from ES modules', { __esModule: true, default: fetchStyle }, 'fetch /'],
];

suite('what a module may export by default', () => {
  for (const [what, exported, answer] of KINDS) {
    test(what, async (t) => assert.equal(await answerOf(t, { default: exported }), answer));
  }

  test('a Fastify app gets ready before it is used', async (t) => {
    const calls: string[] = [];
    const app = {
      ready: async () => void calls.push('ready'),
      routing(this: unknown, ...parts: Parts) {
        assert.equal(this, app);
        calls.push('routing');
        nodeStyle(...parts);
      },
    };
    assert.equal(await answerOf(t, { default: app }), 'node /');
    assert.deepEqual(calls, ['ready', 'routing']);
  });

  for (const framework of ['express', 'koa', 'fastify', 'hono', 'h3']) {
    test(`a real ${framework} app`, async (t) => {
      const namespace = (await import(pathToFileURL(handler(`${framework}-app.mjs`)).href)) as Record<string, unknown>;
      assert.deepEqual(JSON.parse(await answerOf(t, namespace)), { framework, pid: process.pid });
    });
  }

  test('a CommonJS module', async (t) => {
    const namespace = (await import(pathToFileURL(handler('cjs-handler.cjs')).href)) as Record<string, unknown>;
    assert.match(await answerOf(t, namespace), /\S/);
  });
});

const WRONG: readonly [exported: unknown, found: string][] = [
  [undefined, 'missing'],
  [null, 'null'],
  ['text', 'a string'],
  [7, 'a number'],
  [true, 'a boolean'],
  [1n, 'a bigint'],
  [Symbol('s'), 'a symbol'],
  [[fetchStyle], 'an array'],
  [{}, 'an object with the keys (none)'],
  [{ get: 1, post: 2 }, 'an object with the keys get, post'],
  [{ fetch: 'no function' }, 'an object with the keys fetch'],
  [{ routing: nodeStyle }, 'an object with the keys routing'],
  [Object.fromEntries('abcdefghij'.split('').map((key) => [key, 1])), 'an object with the keys a, b, c, d, e, f, g, h'],
  [{ __esModule: true }, 'an object with the keys __esModule'],
  [{ __esModule: true, default: 3 }, 'a number'],
  [WithFetch, 'a class'],
  [Promise.resolve(fetchStyle), 'a promise (await it: export default await …)'],
];

suite('what is no handler', () => {
  for (const [exported, found] of WRONG) {
    test(`${found}: an error that says so, and what was expected`, async () => {
      await assert.rejects(readHandlerModule({ default: exported }), (error) => {
        assert.ok(error instanceof InvalidHandlerError);
        assert.equal(error.message.split(';')[0], `the default export is ${found}`);
        assert.match(
          error.message,
          /; expected a default export: .*\(request\) => Response.*fetch method.*\(req, res\).*Express, Koa, Fastify, Hono or h3/,
        );
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }

  test('a Fastify app that does not get ready fails the boot with its own error', async () => {
    const app = { routing: nodeStyle, ready: () => Promise.reject(new RangeError('plugin')) };
    await assert.rejects(readHandlerModule({ default: app }), { name: 'RangeError', message: 'plugin' });
  });
});

suite('the other exports', () => {
  const read = (exports: Readonly<Record<string, unknown>>): Promise<HandlerModule> =>
    readHandlerModule({ default: fetchStyle, ...exports });

  test('setup and teardown are called when they are there, and their outcome is passed on', async () => {
    const module = await read({ setup: () => 'set up', teardown: async () => 'torn down' });
    assert.equal(module.setup(), 'set up');
    assert.equal(await module.teardown(), 'torn down');
    const bare = await read({});
    assert.deepEqual([bare.setup(), bare.teardown(), bare.config], [undefined, undefined, {}]);
  });

  for (const name of ['setup', 'teardown']) {
    test(`${name} that is no function is refused`, async () => {
      await assert.rejects(read({ [name]: 3 }), {
        name: 'InvalidHandlerError',
        message: `the export "${name}" is a number, expected a function`,
      });
    });
  }

  test('what takes connections over is looked for when the app is ready: exports, then { fetch, upgrade }, then who listens on a server', async () => {
    const calls: unknown[] = [];
    const called = (name: string) => (): void => void calls.push(name);
    const kindsOf = async (exports: Readonly<Record<string, unknown>>): Promise<string[]> => {
      const tunnels = (await readHandlerModule(exports)).findTunnels();
      const kinds = TUNNEL_KINDS.filter((kind) => tunnels[kind] !== undefined);
      const [request, socket] = [new IncomingMessage(new Socket()), new Socket()];
      for (const kind of kinds) void tunnels[kind]?.(request, socket, Buffer.alloc(0));
      return kinds;
    };
    assert.deepEqual(await kindsOf({ default: fetchStyle }), []);
    assert.deepEqual(await kindsOf({ default: fetchStyle, upgrade: called('upgrade'), connect: called('connect') }), [
      'upgrade',
      'connect',
    ]);
    assert.deepEqual(await kindsOf({ default: { fetch: fetchStyle, upgrade: called('own'), connect: called('a route') } }), [
      'upgrade',
    ]);
    const server = createServer();
    const { findTunnels } = await readHandlerModule({ default: server });
    server.on('connect', called('listener'));
    assert.deepEqual([findTunnels().upgrade, typeof findTunnels().connect], [undefined, 'function']);
    assert.deepEqual(await kindsOf({ default: server, upgrade: called('export') }), ['upgrade', 'connect']);
    assert.deepEqual(calls, ['upgrade', 'connect', 'own', 'export', 'listener']);
    await assert.rejects(readHandlerModule({ default: fetchStyle, upgrade: 1 }), {
      name: 'InvalidHandlerError',
      message: 'the export "upgrade" is a number, expected a function (request, socket, head)',
    });
  });

  test('a server that listens already is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await assert.rejects(readHandlerModule({ default: server }), {
        name: 'InvalidHandlerError',
        message: 'the default export is a server that listens already; export it without listen()',
      });
    } finally {
      server.close();
    }
  });

  test('config is reduced to what the primary knows: the rest may not even survive the way there', async () => {
    const cyclic: Record<string, unknown> = { deadline: '5s', idempotent: true, detached: false, big: 1n };
    cyclic['self'] = cyclic;
    const { config } = await read({ config: cyclic });
    assert.deepEqual(config, { deadline: '5s', idempotent: true, detached: false });
    assert.deepEqual((await read({ config: { deadline: 250, idempotent: undefined } })).config, { deadline: 250 });
  });

  test('config.idempotent may be a list of methods, which is copied', async () => {
    const idempotent = ['GET', 'M-SEARCH'];
    const { config } = await read({ config: { idempotent } });
    idempotent.push('POST');
    assert.deepEqual(config, { idempotent: ['GET', 'M-SEARCH'] });
  });

  test('of functions it is true or false', () => {
    assert.deepEqual(readConfig({ idempotent: true }, false), { idempotent: true });
    for (const [idempotent, found] of [
      [['GET'], 'an array'],
      ['yes', 'a string'],
    ] as const)
      assert.throws(() => readConfig({ idempotent }, false), {
        name: 'InvalidHandlerError',
        message: `config.idempotent is ${found}, expected a boolean: calls have no methods`,
      });
  });

  const METHODS = "a list of methods such as ['GET', 'HEAD']";
  const CAPITALS = "expected methods in capital letters such as ['GET', 'HEAD']";
  for (const [config, message] of [
    [null, 'the export "config" is null, expected an object'],
    ['5s', 'the export "config" is a string, expected an object'],
    [{ deadline: true }, 'config.deadline is a boolean, expected a string or a number'],
    [{ deadline: null }, 'config.deadline is null, expected a string or a number'],
    [{ deadline: Number.NaN }, 'config.deadline is NaN, expected a finite number'],
    [{ deadline: Number.POSITIVE_INFINITY }, 'config.deadline is Infinity, expected a finite number'],
    [{ idempotent: 'yes' }, `config.idempotent is a string, expected a boolean or ${METHODS}`],
    [{ idempotent: null }, `config.idempotent is null, expected a boolean or ${METHODS}`],
    [{ idempotent: [] }, "config.idempotent is an empty list, expected methods such as ['GET', 'HEAD'], or false"],
    [{ idempotent: ['GET', 'get'] }, `config.idempotent has "get" in its list, ${CAPITALS}`],
    [{ idempotent: [''] }, `config.idempotent has "" in its list, ${CAPITALS}`],
    [{ idempotent: ['GET', 7] }, `config.idempotent has a number in its list, ${CAPITALS}`],
    // oxlint-disable-next-line no-sparse-arrays -- what is meant to be refused
    [{ idempotent: [, 'GET'] }, `config.idempotent has missing in its list, ${CAPITALS}`],
    [{ detached: 1 }, 'config.detached is a number, expected a boolean'],
  ] as const) {
    test(`refused: ${message}`, () => assert.rejects(read({ config }), { name: 'InvalidHandlerError', message }));
  }
});
