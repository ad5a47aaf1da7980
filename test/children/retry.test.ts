import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveTasks, within } from './tasks.ts';

const LIMIT = { timeout: 60_000 };

for (const mode of ['pool', 'thread', 'fork']) {
  const args = ['--mode', mode, '--max', '3'];

  test(`mode ${mode}: what is idempotent is run once more when its worker dies`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, args, { idempotent: true });
    const answer = await within(tasks.ask('id=1&die=1'), 'the answer of the second run');
    assert.deepEqual([answer.status, answer.id], [200, '1']);
    const [first, second, ...more] = tasks.runsOf(1);
    assert.notEqual(first, second);
    assert.deepEqual([second, more], [answer.worker, []]);
    await tasks.server.waitForLog((line) => line['event'] === 'task:retried');
    assert.equal(tasks.logged('task:retried'), 1);
    assert.equal(tasks.logged('task:failed'), 0);
  });

  test(`mode ${mode}: it is not run a third time`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, args, { idempotent: true });
    const answer = await within(tasks.ask('id=1&die=9'), 'the answer after two runs');
    assert.deepEqual([answer.status, answer.code], [502, 'ERR_WORKER_DIED']);
    assert.equal(tasks.runsOf(1).length, 2);
    // Nor is anybody else the worse for it.
    const next = await tasks.ask('id=2');
    assert.deepEqual([next.status, tasks.runsOf(2)], [200, [next.worker]]);
  });

  test(`mode ${mode}: with a body, or without a word that it may, it is run once alone`, LIMIT, async (t) => {
    await using idempotent = await serveTasks(t, args, { idempotent: true });
    await using plain = await serveTasks(t, args);
    for (const [tasks, options] of [
      [idempotent, { method: 'POST', body: 'x' }],
      [plain, {}],
    ] as const) {
      const answer = await within(tasks.ask('id=1&die=1', options), 'an answer at once');
      assert.deepEqual([answer.status, answer.code], [502, 'ERR_WORKER_DIED']);
      assert.equal(tasks.runsOf(1).length, 1);
      assert.equal(tasks.logged('task:retried'), 0);
    }
  });

  test(
    `mode ${mode}: where certain methods are idempotent, a GET is run once more, and a POST without a body is not`,
    LIMIT,
    async (t) => {
      await using tasks = await serveTasks(t, args, { idempotent: ['GET', 'HEAD'] });
      const posted = await within(tasks.ask('id=1&die=1', { method: 'POST' }), 'the answer to the POST');
      assert.deepEqual([posted.status, posted.code], [502, 'ERR_WORKER_DIED']);
      assert.equal(tasks.runsOf(1).length, 1);
      const got = await within(tasks.ask('id=2&die=1'), 'the answer to the GET');
      assert.deepEqual([got.status, got.id], [200, '2']);
      assert.equal(tasks.runsOf(2).length, 2);
      await tasks.server.waitForLog((line) => line['event'] === 'task:retried');
      assert.equal(tasks.logged('task:retried'), 1);
    },
  );

  test(`mode ${mode}: where everything is idempotent, a POST without a body is run once more too`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, args, { idempotent: true });
    const answer = await within(tasks.ask('id=1&die=1', { method: 'POST' }), 'the answer of the second run');
    assert.deepEqual([answer.status, tasks.runsOf(1).length], [200, 2]);
  });
}

test('the answer of the second run tells its own worker', LIMIT, async (t) => {
  await using tasks = await serveTasks(t, ['--mode', 'pool', '--max', '3'], { idempotent: true });
  const { worker, by } = await tasks.ask('id=1&die=1');
  assert.equal(worker, `${by}/0`);
});
