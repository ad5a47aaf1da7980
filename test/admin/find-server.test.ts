import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { State } from '../../src/admin/api.ts';
import { findServer, type ServerChoice } from '../../src/admin/find-server.ts';
import { listenAt } from '../../src/admin/listen-socket.ts';
import { AdminServer } from '../../src/admin/server.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { SmallControlled } from './small-controlled.ts';

/** A server on this port, of which nothing but the state is asked. */
class ServingAt extends SmallControlled {
  readonly #server: Partial<State['server']>;

  constructor(server: Partial<State['server']>) {
    super();
    this.#server = server;
  }

  override state(): State {
    const state = super.state();
    return { ...state, server: { ...state.server, ...this.#server } };
  }
}

/** The folder in which sockets are looked for until the test is over. */
async function socketFolder(t: TestContext): Promise<string> {
  const before = process.env['XDG_RUNTIME_DIR'];
  const runtime = await temporaryFolder(t, {});
  process.env['XDG_RUNTIME_DIR'] = runtime;
  t.after(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });
  const folder = join(runtime, `prefork-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

async function serve(t: TestContext, folder: string, server: Partial<State['server']> & { pid: number }): Promise<string> {
  const admin = new AdminServer(new ServingAt(server));
  t.after(() => admin.close());
  return listenAt(admin.create(undefined), join(folder, `${server.pid}.sock`));
}

/** Listens, takes connections, and says nothing. */
async function keepSilent(t: TestContext, folder: string, pid: number): Promise<string> {
  const path = join(folder, `${pid}.sock`);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  server.listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  return path;
}

async function refusal(choice: ServerChoice): Promise<string> {
  try {
    await findServer(choice);
  } catch (error) {
    assert.ok(error instanceof PreforkError);
    assert.equal(error.code, 'ERR_NO_SERVER');
    return error.message;
  }
  throw new Error('a server was found');
}

const HOW = 'start one with prefork serve, or name its socket by --socket';

test('without a server, what to do', async (t) => {
  const folder = await socketFolder(t);
  assert.equal(await refusal({}), `no server of yours runs here; ${HOW}`);
  // What is there without an end to listen on it is no server.
  writeFileSync(join(folder, '1.sock'), '');
  assert.equal(await refusal({}), `no server of yours runs here; ${HOW}`);
  assert.equal(await refusal({ port: 80 }), `no server of yours serves port 80; ${HOW}`);
});

test('the one that runs, whatever dead ones left; of several the one on the port', async (t) => {
  const folder = await socketFolder(t);
  writeFileSync(join(folder, '1.sock'), '');
  const first = await serve(t, folder, { pid: 10, url: 'http://127.0.0.1:3000', entry: '/app/one.ts' });
  assert.deepEqual((await findServer({})).target, { socket: first });
  assert.match(
    await refusal({ port: 81 }),
    /^no server of yours serves port 81 \(there is pid 10 on http:\/\/127\.0\.0\.1:3000 with one\.ts\); /,
  );
  // The port of http itself is not in its URL.
  const second = await serve(t, folder, { pid: 9, url: 'http://127.0.0.1', entry: '/app/two.ts' });
  assert.equal(
    await refusal({}),
    'several servers run here (there are pid 9 on http://127.0.0.1 with two.ts; pid 10 on http://127.0.0.1:3000 with one.ts); choose one by --port, --socket or --url',
  );
  assert.deepEqual((await findServer({ port: 80 })).target, { socket: second });
  assert.deepEqual((await findServer({ port: 3000 })).target, { socket: first });
});

test('one that is stopped is told from none, and is not passed over', { timeout: 60_000 }, async (t) => {
  const folder = await socketFolder(t);
  const silent = await keepSilent(t, folder, 11);
  assert.equal(
    await refusal({}),
    `no server of yours answers here (there is one at ${silent} that does not answer: it is stopped, or computes itself (mode blocking)); ${HOW}`,
  );
  const alive = await serve(t, folder, { pid: 12, url: 'http://127.0.0.1:3000', entry: '/app/one.ts' });
  assert.match(
    await refusal({}),
    /^several servers run here \(there are one at \S+11\.sock that does not answer: [^;]+; pid 12 /,
  );
  assert.deepEqual((await findServer({ port: 3000 })).target, { socket: alive });
});

test('a folder in which others can write is not trusted', async (t) => {
  const folder = await socketFolder(t);
  await serve(t, folder, { pid: 10 });
  chmodSync(folder, 0o777);
  const why = 'so that nothing in it can be trusted; name a socket by --socket';
  assert.equal(await refusal({}), `${folder} can be written by others, ${why}`);
  if (process.getuid?.() !== 0) return;
  chmodSync(folder, 0o700);
  chownSync(folder, 12_345, 12_345);
  assert.equal(await refusal({}), `${folder} belongs to another user, ${why}`);
});

test('a socket or an address is taken as it is, with the token of the address or of the environment', async (t) => {
  assert.deepEqual((await findServer({ socket: '/run/x' })).target, { socket: '/run/x' });
  const read = async (url: string): Promise<unknown> => (await findServer({ url: new URL(url) })).target;
  assert.deepEqual(await read('http://[::1]:5001/#token=abc'), { host: '::1', port: 5001, token: 'abc' });
  assert.deepEqual(await read('http://localhost'), { host: 'localhost', port: 80, token: undefined });
  process.env['PREFORK_TOKEN'] = 'def';
  t.after(() => delete process.env['PREFORK_TOKEN']);
  assert.deepEqual(await read('http://localhost:1'), { host: 'localhost', port: 1, token: 'def' });
  assert.deepEqual(await read('http://localhost:1/#token=abc'), { host: 'localhost', port: 1, token: 'abc' });
});
