import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { listenAt, listenInFolder } from '../../src/admin/listen-socket.ts';
import { socketFolder, socketPath } from '../../src/admin/socket-folder.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { endsWithTest } from '../support/ends-with-test.ts';
import { until } from '../support/until.ts';

const UID = process.getuid?.() ?? 0;

function newServer(t: TestContext): Server {
  const server = createServer();
  t.after(() => server.close());
  return server;
}

/** Makes the folder of sockets one of its own for the length of a test. */
async function ownFolder(t: TestContext): Promise<string> {
  const before = process.env['XDG_RUNTIME_DIR'];
  process.env['XDG_RUNTIME_DIR'] = await temporaryFolder(t, {});
  t.after(() => {
    if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = before;
  });
  return socketFolder(process.env, UID);
}

/** Leaves a socket behind on which nobody listens any more, as a server does that gets SIGKILL. */
async function leaveDead(path: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(path)})`]);
  endsWithTest(child);
  await until(async () => (await lstat(path)).isSocket(), { describe: 'a socket to be listened on', withinMs: 30_000 });
  // Its main thread may be gone for a moment before the others are, which hold the socket as well: only the end of all is told.
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => assert.fail('expected it to be refused'),
    (thrown: unknown) => thrown,
  );
  const { code, message } = Object(error);
  assert.equal(code, 'ERR_LISTEN');
  assert.ok(!String(message).includes('\n'));
  return String(message);
}

test('the owner alone gets at the socket, and at its folder', async (t) => {
  const folder = await ownFolder(t);
  const umask = process.umask(0o000);
  t.after(() => process.umask(umask));
  const path = await listenInFolder(newServer(t), process.pid);
  assert.equal(path, socketPath(process.pid));
  assert.deepEqual([await modeOf(folder), await modeOf(path)], ['700', '600']);
  const chosen = await listenAt(newServer(t), join(await temporaryFolder(t, {}), 's'));
  assert.equal(await modeOf(chosen), '600');
  assert.equal(process.umask(), 0o000, 'the umask is what it was');
});

test('the socket goes with its server', async (t) => {
  const folder = await ownFolder(t);
  const server = newServer(t);
  await listenInFolder(server, process.pid);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  assert.deepEqual(await readdir(folder), []);
});

test('sockets of dead servers are cleared away, those of live ones and whatever else is there stay', async (t) => {
  const folder = await ownFolder(t);
  await listenInFolder(newServer(t), 1001);
  for (const pid of [1002, 1003]) await leaveDead(join(folder, `${pid}.sock`));
  await writeFile(join(folder, '1004.sock'), 'no socket');
  await writeFile(join(folder, 'notes'), '');
  // Of our own pid: one that had it before us.
  await leaveDead(join(folder, `${process.pid}.sock`));
  assert.equal(await listenInFolder(newServer(t), process.pid), join(folder, `${process.pid}.sock`));
  assert.deepEqual((await readdir(folder)).toSorted(), ['1001.sock', '1004.sock', 'notes', `${process.pid}.sock`].toSorted());
});

test('several servers of one process have a socket each', async (t) => {
  const folder = await ownFolder(t);
  const paths = [];
  for (let count = 0; count < 3; count += 1) paths.push(await listenInFolder(newServer(t), process.pid));
  assert.deepEqual(
    paths,
    ['', '-2', '-3'].map((number) => join(folder, `${process.pid}${number}.sock`)),
  );
});

test('a folder that others may enter, or that is none, is refused', async (t) => {
  const folder = await ownFolder(t);
  await mkdir(folder);
  await chmod(folder, 0o755);
  assert.match(await refusal(listenInFolder(newServer(t), process.pid)), /found mode 0755, expected 0700.*: chmod 700 \//);
  await chmod(folder, 0o700);
  await listenInFolder(newServer(t), process.pid);

  const other = await ownFolder(t);
  await symlink(folder, other);
  assert.match(await refusal(listenInFolder(newServer(t), process.pid)), /it is no folder/);
});

test('a folder of somebody else is refused', { skip: UID !== 0 }, async (t) => {
  const folder = await ownFolder(t);
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, 12_345, 12_345);
  assert.match(await refusal(listenInFolder(newServer(t), process.pid)), /belongs to user 12345, who could read and answer/);
});

test('a path that was chosen: what is wrong with it is said', async (t) => {
  const folder = await temporaryFolder(t, { file: '' });
  const long = join(folder, 'x'.repeat(120));
  assert.match(await refusal(listenAt(newServer(t), long)), /its path has \d{3} bytes, and a socket may have 107/);
  assert.match(await refusal(listenAt(newServer(t), join(folder, 'file'))), /something is there that is no socket/);
  assert.match(await refusal(listenAt(newServer(t), join(folder, 'nowhere', 's'))), /can not be listened on/);
  const taken = join(folder, 's');
  await listenAt(newServer(t), taken);
  assert.match(await refusal(listenAt(newServer(t), taken)), /another process listens there/);
  const dead = join(folder, 'dead');
  await leaveDead(dead);
  assert.equal(await listenAt(newServer(t), dead), dead);
});

test('a path may have as many bytes as the system allows', async (t) => {
  const folder = await temporaryFolder(t, {});
  const path = join(folder, 'x'.repeat(107 - Buffer.byteLength(folder) - 1));
  assert.equal(await listenAt(newServer(t), path), path);
});
