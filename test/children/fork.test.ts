import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, open } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { pidOf, printed, ready, send } from './watch.ts';

const FORK = ['--mode', 'fork', '--log-level', 'debug'];

test('a fresh process for each request, which ends after it', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('loop.mjs'), args: FORK });
  const pids: number[] = [];
  for (let times = 0; times < 6; times += 1) pids.push(await pidOf(server));
  assert.equal(new Set(pids).size, 6);
  await gone(pids);
  for (const pid of pids) {
    const { reason } = await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === pid);
    assert.equal(reason, 'drained (spent)');
  }
});

test('many at the same time have a process each', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('loop.mjs'), args: [...FORK, '--max', '4'] });
  const pids = await Promise.all(Array.from({ length: 12 }, () => pidOf(server)));
  assert.equal(new Set(pids).size, 12);
});

test('spares are refilled in the background, and their number is kept', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('loop.mjs'), args: [...FORK, '--spares', '3', '--max', '5'] });
  const before = await ready(server, 3);
  const used = await pidOf(server);
  assert.ok(before.includes(used));
  await gone([used]);
  const after = await ready(server, 3);
  assert.equal(after.length, 3);
  assert.equal(after.filter((pid) => !before.includes(pid)).length, 1);
});

describe('the process ends, whatever happens', () => {
  const ENDS: readonly [name: string, fixture: string, path: string, status: number][] = [
    ['an answer', 'echo.mjs', '/', 200],
    ['a throw', 'throws.mjs', '/', 500],
    ['a rejection', 'rejects.mjs', '/', 500],
    ['a timer that it left', 'leaves-timer.mjs', '/', 200],
    ['a socket that it left', 'leaves-server.mjs', '/', 200],
    ['a child that it left', 'spawns-child.mjs', '/', 200],
    ['the deadline, in a loop', 'loop.mjs', '/loop', 504],
    ['the deadline, without one', 'never.mjs', '/', 504],
  ];
  for (const [name, fixture, path, status] of ENDS) {
    test(`after ${name}`, { timeout: 60_000 }, async () => {
      await using server = await startServer({
        entry: handler(fixture),
        args: [...FORK, '--deadline', status === 504 ? '1s' : '1m'],
      });
      const response = await get(`${server.url}${path}`);
      assert.equal(response.status, status);
      const pid = Number(response.headers['x-worker']);
      await gone([pid]);
      await server.waitForLog((line) => line['event'] === 'worker:gone' && line['workerPid'] === pid);
    });
  }

  for (const path of ['/wait', '/loop', '/stream']) {
    test(`after its client has gone from ${path}`, { timeout: 60_000 }, async () => {
      await using server = await startServer({ entry: handler('as-told.mjs'), args: FORK });
      const leaving = new AbortController();
      let pid: number;
      if (path === '/stream') {
        const response = await open(`${server.url}${path}`);
        pid = Number(response.headers['x-worker']);
        response.body.on('error', () => undefined);
        response.abort();
      } else {
        get(`${server.url}${path}`, { signal: leaving.signal }).catch(() => undefined);
        [pid = 0] = await printed(server, path === '/loop' ? 'looping' : 'waiting');
        leaving.abort();
      }
      await gone([pid]);
    });
  }
});

test('while one computes, others are answered by processes of their own', { timeout: 60_000 }, async () => {
  await using server = await startServer({ entry: handler('as-told.mjs'), args: FORK });
  send(server, '/loop');
  const [busy = 0] = await printed(server, 'looping');
  const pids = [await pidOf(server), await pidOf(server), await pidOf(server)];
  assert.equal(new Set([busy, ...pids]).size, 4);
});
