import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RawStack } from '../../src/channel/observation.ts';
import { observeWhole } from '../../src/diagnostics/observe.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { until } from '../support/until.ts';
import { LiveWorker } from './live-worker.ts';

const MB = 1024 ** 2;

/** Looks so many times in a row, with hardly a pause. */
async function look(live: LiveWorker, samples: number): Promise<RawStack> {
  const json = await observeWhole(live.worker, { what: 'stack', samples, everyMs: 1 }, new AbortController().signal, 64 * MB);
  return JSON.parse(json) as RawStack;
}

/** How fast both go at the same time: rounds of the same loop. */
async function race(one: LiveWorker, two: LiveWorker): Promise<[number, number]> {
  const tasks = [one.begin('/for-a-while?size=300'), two.begin('/for-a-while?size=300')] as const;
  const [first, second] = await Promise.all([one.answer(tasks[0]), two.answer(tasks[1])]);
  return [Number(first.found), Number(second.found)];
}

/** Rounds that take a second or so, whatever the machine, and what they come to. */
async function measure(live: LiveWorker): Promise<{ rounds: number; result: unknown }> {
  for (let rounds = 1_000_000; ; rounds *= 2) {
    const startedMs = performance.now();
    const { found } = await live.answer(live.begin(`/hash?size=${rounds}`));
    if (performance.now() - startedMs > 1000) return { rounds, result: found };
  }
}

// Of a worker process, whatever its mode, and of a thread, which the same code looks at.
for (const { mode, looks } of [
  { mode: 'pool', looks: 1000 },
  { mode: 'thread', looks: 250 },
] as const) {
  test(`mode ${mode}: a worker that was looked at ${looks} times comes to the same result, and is as fast as before`, async () => {
    await using looked = await LiveWorker.start(mode);
    await using other = await LiveWorker.start(mode);
    const { rounds, result } = await measure(other);
    // Long enough for most of the looks to meet it; the rest meet a worker that waits.
    const size = (looks / 250) * rounds;
    const task = looked.begin(`/hash?size=${size}`);
    const expected = other.begin(`/hash?size=${size}`);
    const { samples } = await look(looked, looks);
    assert.equal(samples.length, looks);
    assert.ok(samples.some(({ found }) => found === 'frames'));
    assert.deepEqual((await looked.answer(task)).found, (await other.answer(expected)).found);
    assert.deepEqual((await looked.answer(looked.begin(`/hash?size=${rounds}`))).found, result);
    // Side by side, so that both share the same machine; once is enough, for the machine may favour one at a time.
    const ratios: number[] = [];
    await until(
      async () => {
        const [mine, theirs] = await race(looked, other);
        ratios.push(mine / theirs);
        return mine > 0.7 * theirs;
      },
      { describe: () => `the worker to be as fast as the other one; ratios so far: ${ratios.join(', ')}`, withinMs: 30_000 },
    );
  });
}

suite('a worker goes on by itself after it was looked at', () => {
  const WAYS = {
    'between native calls': '/natives',
    'asleep in a synchronous call': '/sleep',
    'in code that was evaluated': '/evaluated',
    'five thousand calls deep': '/deep',
  };
  for (const [name, path] of Object.entries(WAYS)) {
    test(`${name}: its CPU time goes on, or it stays where it was`, async () => {
      await using live = await LiveWorker.start('pool');
      live.begin(path);
      await until(async () => (await takeStack(live.worker, new AbortController().signal)).frames.length > 0, {
        describe: 'the handler to be on the stack',
        withinMs: 60_000,
      });
      await look(live, path === '/deep' ? 10 : 100);
      // A thread that a debugger holds sleeps, and answers no pause of another one.
      const { samples } = await look(live, 3);
      assert.deepEqual(
        samples.map(({ found }) => found === 'frames' || found === 'silent'),
        [true, true, true],
      );
    });
  }

  test('that meets "debugger" statements all the time, and is held at none of them', async () => {
    await using live = await LiveWorker.start('pool');
    const task = live.begin('/debugger');
    await look(live, 200);
    assert.equal((await live.answer(task)).found, 2000);
  });

  test('that waits: a hundred looks, and the next task is answered', async () => {
    await using live = await LiveWorker.start('pool');
    for (let times = 0; times < 5; times += 1) {
      await look(live, 20);
      assert.equal((await live.answer(live.begin('/hash?size=0'))).found, 17);
    }
  });

  test('that begins and ends tasks all the time while it is looked at', async () => {
    await using live = await LiveWorker.start('pool');
    const looked = { samples: 0 };
    const looking = look(live, 300).then(({ samples }) => (looked.samples = samples.length));
    const answers = new Set<unknown>();
    let served = 0;
    while (looked.samples === 0) {
      answers.add((await live.answer(live.begin('/hash?size=10000'))).found);
      served += 1;
    }
    await looking;
    assert.equal(looked.samples, 300);
    assert.equal(answers.size, 1, 'each time the same');
    assert.ok(served > 2);
  });
});
