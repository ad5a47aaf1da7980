import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { test } from 'node:test';
import { offload } from '../../src/offload/offload.ts';
import { Demotion } from '../../src/supervisor/demotion.ts';
import type { Change } from '../../src/supervisor/priority.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';

const REQUESTS = 50;

// The quantum of a task and its answer may come up in the same turn of the event loop, in either order.
test('no worker is watched for a long task that is over', { timeout: 120_000 }, async (t) => {
  const watching = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' && new Error().stack?.includes('/src/supervisor/demotion.') === true) watching.add(id);
    },
    destroy: (id) => void watching.delete(id),
  }).enable();
  t.after(() => hook.disable());
  const route = offload(handler('slow.mjs'), { max: 1, spares: 0, quantum: 1 });
  t.after(() => route.close({ force: true }));
  for (let count = 0; count < REQUESTS; count += 1) {
    const answer = await route(new Request(`http://localhost/${count}`));
    await answer.text();
    await until(() => watching.size === 0, { describe: `the watch to end after request ${count}`, withinMs: 5000 });
  }
});

/** Demotes so many workers at once, on a system that answers as told, in turn; those that were lowered, in order, and how often it was refused. */
async function demoteAll(
  count: number,
  answers: readonly Change[],
): Promise<{ readonly lowered: number[]; readonly refused: number }> {
  const lowered: number[] = [];
  let [refused, tries] = [0, 0];
  const demotion = new Demotion(0.1, 2, () => (refused += 1));
  for (let worker = 1; worker <= count; worker += 1) {
    const setPriority = (): Change => {
      const answer = answers[tries] ?? 'done';
      tries += 1;
      if (answer !== 'later') lowered.push(worker);
      return answer;
    };
    // Of a thread whose CPU time nobody knows it is taken for granted that it computes.
    demotion.add(worker, { cpuMs: undefined, setPriority });
  }
  await until(() => lowered.length === count, { describe: `${count} lowered priorities` });
  for (let worker = 1; worker <= count; worker += 1) demotion.forget(worker);
  return { lowered, refused };
}

test('who could not be lowered at once is lowered later', async () => {
  assert.deepEqual(await demoteAll(3, ['done', 'later', 'later', 'done', 'later']), { lowered: [1, 2, 3], refused: 0 });
});

test('one that was still to be lowered when its task was over is used again', async () => {
  let tries = 0;
  const demotion = new Demotion(0.1, 2, () => {});
  const setPriority = (): Change => {
    tries += 1;
    return 'later';
  };
  demotion.add(1, { cpuMs: undefined, setPriority });
  await until(() => tries > 0, { describe: 'a first try' });
  assert.ok(demotion.release(1));
});

test('a refusal is told, and not tried again', async () => {
  assert.deepEqual(await demoteAll(2, ['refused', 'done']), { lowered: [1, 2], refused: 1 });
});

test('as long as nothing changes it is looked at less and less often, and soon again when something does', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let looks = 0;
  let usedMs = 0;
  const told: number[] = [];
  const thread = {
    get cpuMs(): number {
      looks += 1;
      return usedMs;
    },
    setPriority: (): Change => 'done',
  };
  const demotion = new Demotion(0.1, 2, () => {});
  const pass = (ms: number): number => {
    const before = looks;
    for (let passed = 0; passed < ms; passed += 10) t.mock.timers.tick(10);
    return looks - before;
  };
  demotion.add(1, thread);
  looks = 0;
  // After 50, 150, 350 and 750 ms, and then each 400.
  told.push(pass(750), pass(4000));
  demotion.setLoad(2);
  told.push(pass(50));
  demotion.setLoad(2);
  told.push(pass(750));
  // It begins to compute, and gets little of a CPU.
  pass(400);
  usedMs = 5;
  told.push(pass(350));
  usedMs = 10;
  told.push(pass(50));
  usedMs = 15;
  told.push(pass(50));
  demotion.forget(1);
  told.push(pass(1000));
  assert.deepEqual(told, [4, 10, 1, 3, 1, 1, 1, 0]);
});
