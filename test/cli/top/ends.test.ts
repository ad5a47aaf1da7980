/** Whatever ends `prefork top`, the terminal is as it was. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../config/temporary-folder.ts';
import { handler } from '../../support/paths.ts';
import { isAlive } from '../../support/processes.ts';
import { startOnPty } from '../../support/pty.ts';
import { startServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { sampleState, sampleWorker } from './sample-state.ts';
import { serveForTop, SIZE, startTop, topCommand } from './start-top.ts';

const LONG = { timeout: 180_000 };
const DRAWN = /^> \d+ .*idle/m;

test('q, Ctrl-C and signals restore the terminal and end with 0', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  for (const [name, end] of [
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-C in a question', 'k\u0003'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
    ['SIGHUP', 'SIGHUP'],
  ] as const) {
    await using top = await startTop(socket);
    await top.waitFor((text) => DRAWN.test(text));
    assert.deepEqual([top.isAlternate(), top.isRestored()], [true, false], name);
    if (end === 'SIGTERM' || end === 'SIGINT' || end === 'SIGHUP') process.kill(top.pid, end);
    else top.type(end);
    assert.equal(await top.ended(), 0, name);
    await until(() => top.isRestored(), { describe: `the terminal as it was, after ${name}` });
    assert.equal(top.left(), '', name);
  }
});

test('a terminal that is closed ends it', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  await using top = await startTop(socket);
  await top.waitFor((text) => DRAWN.test(text));
  top.hangUp();
  await until(() => !isAlive(top.pid), { describe: 'the end of top' });
});

test('Ctrl-Z gives the terminal to the shell, fg takes it again', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  await using shell = await startOnPty('bash', ['--norc', '-i'], { ...SIZE, env: { PS1: 'ready$ ' } });
  await shell.waitFor((text) => text.includes('ready$'));
  shell.type(`${topCommand(socket)}\n`);
  await shell.waitFor((text) => DRAWN.test(text));
  shell.type('\u001a');
  await shell.waitFor((text) => !shell.isAlternate() && /Stopped[^]*ready\$ $/.test(`${text} `.replace(/\s+$/, ' ')));
  shell.type('echo to the $((40 + 2))nd\n');
  await shell.waitFor((text) => text.includes('to the 42nd'));
  shell.type('fg\n');
  await shell.waitFor((text) => shell.isAlternate() && DRAWN.test(text));
  shell.type('q');
  await shell.waitFor(() => !shell.isAlternate());
  shell.type('exit 0\n');
  assert.equal(await shell.ended(), 0);
  assert.ok(shell.isRestored());
});

test('a server that goes away is missed, and found again', LONG, async (t) => {
  const { server: first, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _first = first;
  await using top = await startTop(socket);
  await top.waitFor((text) => DRAWN.test(text));
  await first.kill();
  await top.waitFor((text) => text.startsWith('gone ') && /the server went away .* ago, looking for it: /.test(text));
  await using second = await startServer({ entry: handler('loop.mjs'), args: ['--socket', socket, '--max', '2'] });
  await top.waitFor(
    (text) => text.startsWith('serving') && text.includes(`pid ${second.pid} `) && text.includes('the server is back'),
  );
  top.type('q');
  assert.equal(await top.ended(), 0);
});

test('when it breaks itself, the terminal is restored before the line that says so', LONG, async (t) => {
  const socket = join(await temporaryFolder(t, {}), 'admin.sock');
  const good = sampleState([sampleWorker(1)]);
  // A server that sends what no server does.
  const server = createServer((request, response) => {
    if (request.url === '/api/state') response.end(JSON.stringify(good));
    else response.write(`event: state\ndata: ${JSON.stringify({ ...good, workers: 7 })}\n\n`);
  });
  await once(server.listen(socket), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await using top = await startTop(socket);
  assert.equal(await top.ended(), 1);
  assert.ok(top.output.includes('\u001b[?1049h'));
  assert.ok(top.isRestored());
  assert.match(top.left(), /^prefork: .* \(unexpected, --dev shows where\)$/);
});

test('no server there: one line and 6, and never a screen', LONG, async (t) => {
  const socket = join(await temporaryFolder(t, {}), 'none.sock');
  await using top = await startTop(socket);
  assert.equal(await top.ended(), 6);
  assert.match(top.left().replaceAll('\n', ''), /^prefork: .*none\.sock: no server listens there \(ERR_NO_SERVER\)$/);
  assert.ok(!top.output.includes('\u001b'));
});
