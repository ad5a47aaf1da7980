import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { serveTasks, within } from './tasks.ts';

const LIMIT = { timeout: 60_000 };

for (const mode of ['pool', 'thread']) {
  const one = ['--mode', mode, '--min', '1', '--max', '1', '--spares', '1'];
  const two = ['--mode', mode, '--min', '2', '--max', '2', '--spares', '1'];

  test(
    `mode ${mode}: a worker that computes on after its answer keeps no later request: another one answers, once`,
    LIMIT,
    async (t) => {
      await using tasks = await serveTasks(t, two);
      const { worker } = await tasks.ask('id=1&leave=go');
      await tasks.begun('left');
      for (const id of [2, 3, 4]) {
        const answer = await within(tasks.ask(`id=${id}`), 'an answer of the other worker');
        assert.equal(answer.status, 200);
        assert.notEqual(answer.worker, worker);
        assert.deepEqual(tasks.runsOf(id), [answer.worker]);
      }
      await tasks.go('go');
    },
  );

  test(`mode ${mode}: where there is no other worker it waits for what was left behind, and then runs once`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, one);
    const { worker } = await tasks.ask('id=1&leave=go');
    await tasks.begun('left');
    const waiting = tasks.ask('id=2');
    await tasks.server.waitForLog((line) => line['event'] === 'task:revoked');
    await tasks.go('go');
    const answer = await within(waiting, 'an answer after what was left behind');
    assert.deepEqual([answer.status, answer.worker], [200, worker]);
    assert.deepEqual(tasks.runsOf(2), [worker]);
    assert.equal(tasks.logged('task:revoked'), 1);
  });

  test(`mode ${mode}: a request with a body is not taken back, and is answered after what was left behind`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, one);
    const { worker } = await tasks.ask('id=1&leave=go');
    await tasks.begun('left');
    const soFar = tasks.outlivedSoFar;
    const body = Buffer.alloc(1_000_000, 'upload');
    const waiting = tasks.ask('id=2', { method: 'POST', body });
    await tasks.outlived(soFar);
    await tasks.go('go');
    const answer = await within(waiting, 'an answer after what was left behind');
    assert.deepEqual([answer.status, answer.worker], [200, worker]);
    assert.equal(answer.body, createHash('sha1').update(body).digest('hex'));
    assert.deepEqual(tasks.runsOf(2), [worker]);
    assert.equal(tasks.logged('task:revoked'), 0);
  });
}
