import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin } from '../support/paths.ts';
import { startOnPty } from '../support/pty.ts';
import { pretendServer } from './pretended-server.ts';

const URL_OF_TASK = `/report?${'x'.repeat(300)}`;
const TASK = { id: 1, method: 'GET', url: URL_OF_TASK, startedAt: '2026-01-02T03:04:05.000Z', runMs: 65_000 };
const WORKER = { id: 1, pid: 4711, state: 'busy', lane: 'long', served: 7, health: 'busy', running: 1, task: TASK };
const FIGURES = { rssBytes: 2 ** 26, cpuPercent: 99, eventLoopDelayMs: 1 };
const STATE = JSON.stringify({ server: { mode: 'pool' }, workers: [{ ...WORKER, ...FIGURES }] });

for (const columns of [60, 100]) {
  test(`on a terminal of ${columns} columns each worker is one line`, { timeout: 60_000 }, async (t) => {
    const { socket } = await pretendServer(t, (_, response) => response.end(STATE));
    await using pty = await startOnPty(process.execPath, [bin, 'ps', '--socket', socket], { columns, rows: 20 });
    assert.equal(await pty.ended(), 0);
    const [head = '', row = '', ...rest] = pty.left().split('\n');
    assert.match(head, /^PID /);
    assert.match(row, /^4711 +w1 +pool +busy .*…$/);
    assert.equal(row.length, columns);
    assert.deepEqual(rest, []);
  });
}

test('on a terminal that was never told its size the lines are whole', { timeout: 60_000 }, async (t) => {
  const { socket } = await pretendServer(t, (_, response) => response.end(STATE));
  await using pty = await startOnPty(process.execPath, [bin, 'ps', '--socket', socket], { columns: 0, rows: 0 });
  assert.equal(await pty.ended(), 0);
  assert.ok(pty.output.includes(`GET ${URL_OF_TASK}\r\n`), pty.output);
});

test('a person is told that a snapshot takes its time', { timeout: 60_000 }, async (t) => {
  const { socket, folder } = await pretendServer(t, (_, response) => response.end('{}'));
  const words = [bin, 'heap', '4711', '-o', join(folder, 'x'), '--socket', socket];
  await using pty = await startOnPty(process.execPath, words, { columns: 200, rows: 20 });
  assert.equal(await pty.ended(), 0);
  assert.match(pty.left(), /^taking the snapshot: .*\n.*: 0KB; open it in Chrome DevTools \(Memory, load\)$/);
});
