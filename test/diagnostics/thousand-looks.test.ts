import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawStack } from '../../src/channel/observation.ts';
import { observeWhole } from '../../src/diagnostics/observe.ts';
import { LiveWorker, MODES } from './live-worker.ts';

const SAMPLES = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Rounds of the loop of one worker against those of another one beside it, on a machine that does other things too. */
const UNHARMED = 1 / 3;

/** Both count for as long, side by side. */
async function race(one: LiveWorker, other: LiveWorker, ms: number): Promise<number> {
  const tasks = [one.begin(`/for-a-while?size=${ms}`), other.begin(`/for-a-while?size=${ms}`)] as const;
  const [mine, theirs] = await Promise.all([one.answer(tasks[0]), other.answer(tasks[1])]);
  return Number(mine.found) / Number(theirs.found);
}

// In mode fork a worker has one task, and is that of mode pool otherwise.
for (const mode of MODES.filter((each) => each !== 'fork')) {
  test(
    `mode ${mode}: a worker that was looked at ${SAMPLES} times ends its task, and is as fast as before`,
    { timeout: 300_000 },
    async () => {
      await using looked = await LiveWorker.start(mode);
      await using spared = await LiveWorker.start(mode);
      const task = looked.begin('/for-a-while?size=4000');
      const json = await observeWhole(
        looked.worker,
        { what: 'stack', samples: SAMPLES, everyMs: 1 },
        AbortSignal.timeout(240_000),
        MOST_BYTES,
      );
      const { samples } = JSON.parse(json) as RawStack;
      assert.equal(samples.length, SAMPLES);
      assert.ok(
        samples.some((sample) => sample.found === 'frames' && sample.frames.some(({ function: name }) => name === 'countFor')),
      );
      assert.ok(Number((await looked.answer(task)).found) > 0);
      const ratio = await race(looked, spared, 1000);
      assert.ok(ratio > UNHARMED, `it makes ${ratio.toFixed(2)} times the rounds of one that was spared`);
    },
  );
}
