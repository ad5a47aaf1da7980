import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAnswered, assertRanOnce, serveTasks, within } from './tasks.ts';

const LIMIT = { timeout: 120_000 };
const ENOUGH_ROOM = ['--max', '1', '--queue', '1000', '--queue-timeout', '1m', '--spares', '0'];
const ids = Array.from({ length: 20 }, (_, index) => index + 1);

for (const mode of ['pool', 'thread', 'fork']) {
  test(`mode ${mode}: nobody waits for what a handler computes after its answer`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, ['--mode', mode, ...ENOUGH_ROOM]);
    // Alone, and as the first of some that were sent ahead.
    assertAnswered([await within(tasks.ask('id=alone&after=alone'), 'the answer while it computes')], ['alone']);
    await tasks.go('alone');
    // There each has a process of its own.
    if (mode === 'fork') return;
    await tasks.teachBrief();
    const first = tasks.ask('id=first&after=go');
    const others = tasks.askAll(ids);
    assertAnswered([await within(first, 'the answer while it computes')], ['first']);
    await tasks.go('go');
    assertAnswered(await within(others, 'the answers to those behind it'), ids);
    assertRanOnce(tasks, ['alone', 'first', ...ids]);
  });
}

test('mode pool: an answer that was given is not lost with its worker, and those behind it run once', LIMIT, async (t) => {
  await using tasks = await serveTasks(t, ['--mode', 'pool', ...ENOUGH_ROOM]);
  await tasks.teachBrief();
  const all = ids.map((id) => tasks.ask(`id=${id}${id % 5 === 0 ? '&gone=1' : ''}`));
  assertAnswered(await within(Promise.all(all), 'all answers'), ids);
  assertRanOnce(tasks, ids);
  assert.equal(tasks.logged('task:failed'), 0);
});
