/** Servers of this process, held as those of a program are that a worker loads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { readHandlerModule } from '../../src/worker/handler.ts';
import { Listening } from '../../src/worker/listening.ts';
import { get } from '../support/http.ts';

const answer: RequestListener = (_request, response) => void response.end('from the program');
const original = Reflect.get(HttpServer.prototype, 'listen') as unknown;

/** What a module is loaded in. */
function listeningFor(t: TestContext): Listening {
  const listening = new Listening();
  t.after(() => listening.restore());
  return listening;
}

suite('a server that is told to listen while a module is loaded', () => {
  const places: readonly [given: readonly unknown[], address: unknown, place: string][] = [
    [[3000], { address: '::', port: 3000, family: 'IPv6' }, 'port 3000'],
    [['3000', '127.0.0.1'], { address: '127.0.0.1', port: 3000, family: 'IPv4' }, 'port 3000'],
    [[{ port: 3000, host: 'localhost' }], { address: '127.0.0.1', port: 3000, family: 'IPv4' }, 'port 3000'],
    [[3000, '::1', 511], { address: '::1', port: 3000, family: 'IPv6' }, 'port 3000'],
    [['/run/app.sock'], '/run/app.sock', '/run/app.sock'],
    [[{ path: '/run/app.sock' }], '/run/app.sock', '/run/app.sock'],
  ];
  for (const [given, address, place] of places) {
    test(`listen(${given.map((value) => JSON.stringify(value)).join(', ')}) opens nothing, and believes that it does`, async (t) => {
      const listening = listeningFor(t);
      for (const server of [createServer(answer), createSecureServer(answer)]) {
        let isTold = false;
        const listened = once(server, 'listening');
        assert.equal(Reflect.apply(Reflect.get(server, 'listen'), server, [...given, () => (isTold = true)]), server);
        assert.equal(isTold, false);
        await listened;
        assert.deepEqual([isTold, server.listening, server.address()], [true, true, address]);
      }
      assert.equal(listening.place, place);
    });
  }

  test('goes on when all requests are answered, if it waits for the end of its server', async (t) => {
    const listening = listeningFor(t);
    const [early, late] = [createServer(answer).listen(3000), createServer(answer).listen(3000)];
    const calls: string[] = [];
    const closed = once(early, 'close');
    assert.equal(
      early.close((error) => calls.push(`closed ${error}`)),
      early,
    );
    assert.deepEqual([early.listening, early.address(), calls], [false, null, []]);
    listening.end();
    await closed;
    assert.deepEqual(calls, ['closed undefined']);
    await new Promise((resolve) => late.close(resolve));
  });

  test('is let through if anybody is to reach it: another port than the first one, any port, no HTTP', async (t) => {
    const listening = listeningFor(t);
    const servers = [createServer(answer), createNetServer(), createServer(answer)];
    for (const server of servers.slice(0, 2)) await once(server.listen(0, '127.0.0.1'), 'listening');
    assert.equal(listening.server, undefined);
    const app = createServer(answer).listen(3000);
    const port = await freePort();
    await once(servers[2]?.listen(port, '127.0.0.1') ?? app, 'listening');
    for (const server of servers) assert.notEqual((server.address() as AddressInfo).port, 3000);
    assert.equal((await get(`http://127.0.0.1:${port}`)).text(), 'from the program');
    assert.equal(listening.server, app);
    for (const server of servers) server.close();
  });

  test('is held at port 0 if that was said from outside', async (t) => {
    const before = process.env['PORT'];
    t.after(() => (before === undefined ? delete process.env['PORT'] : (process.env['PORT'] = before)));
    process.env['PORT'] = '0';
    const listening = listeningFor(t);
    const server = createServer(answer).listen(process.env['PORT']);
    assert.equal(listening.server, server);
  });

  test('is real again once it is known what is served, but where the app listens already', async (t) => {
    const listening = new Listening();
    listening.found();
    assert.equal(Reflect.get(HttpServer.prototype, 'listen'), original);
    const held = listeningFor(t);
    const app = createServer(answer).listen(3000);
    held.found();
    const second = createServer(answer).listen(3000, '::1');
    assert.deepEqual([held.server, second.listening], [app, true]);
  });
});

suite('what is served of a module that listens', () => {
  type Handle = Awaited<ReturnType<typeof readHandlerModule>>['handle'];
  async function said(handle: Handle): Promise<string> {
    const server = createServer((request, response) => void handle(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      return (await get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
    } finally {
      server.close();
    }
  }

  test('its server, if it exports no handler: also one that comes later, and beside other exports', async (t) => {
    const listening = listeningFor(t);
    setTimeout(() => createServer(answer).listen(3000), 100);
    const { handle, findTunnels } = await readHandlerModule({}, listening);
    assert.equal(await said(handle), 'from the program');
    assert.equal(findTunnels().upgrade, undefined);
    listening.server?.on('upgrade', () => {});
    assert.equal(typeof findTunnels().upgrade, 'function');
    assert.equal(await said((await readHandlerModule({ default: { routes: 1 } }, listening)).handle), 'from the program');
    assert.equal(await said((await readHandlerModule({ default: listening.server }, listening)).handle), 'from the program');
  });

  test('its default export, if that is a handler; a server that is not of it is named', async (t) => {
    const listening = listeningFor(t);
    const warned: unknown[] = [];
    t.mock.method(process.stderr, 'write', (text: unknown) => warned.push(text) > 0);
    createServer(answer).listen(3000);
    await readHandlerModule({ default: answer }, listening);
    await readHandlerModule({ default: { callback: () => answer, server: listening.server } }, listening);
    assert.deepEqual(warned, []);
    await readHandlerModule({ default: () => new Response() }, listening);
    assert.match(String(warned), /^a server that was told to listen on port 3000 gets no requests/);
  });

  test('nothing, if nothing goes on in it any more', async (t) => {
    const listening = listeningFor(t);
    await assert.rejects(readHandlerModule({}, listening), { message: /^the default export is missing; expected/ });
    await assert.rejects(readHandlerModule({ default: 7 }, listening), { message: /^the default export is a number; expected/ });
  });
});

async function freePort(): Promise<number> {
  const server = createNetServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
