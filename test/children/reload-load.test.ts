import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test, type TestContext } from 'node:test';
import type { Mode } from '../../src/config/settings.ts';
import { until } from '../support/until.ts';
import { createApp, serveApp, startLoad } from './generations.ts';

/** Each starts two to four workers. What many of them add up to shows in one mode; how each mode goes through one, in a few. */
const PLANS: readonly { readonly mode: Mode; readonly reloads: number }[] = [
  { mode: 'pool', reloads: 20 },
  { mode: 'fork', reloads: 4 },
  { mode: 'thread', reloads: 4 },
  { mode: 'cluster', reloads: 4 },
];

/** The most workers that lived at once. */
function peakOf(t: TestContext): () => number {
  let [alive, peak] = [0, 0];
  const onStarting = (): void => {
    alive += 1;
    peak = Math.max(peak, alive);
  };
  const onGone = (): void => {
    alive -= 1;
  };
  subscribe('prefork:worker:starting', onStarting);
  subscribe('prefork:worker:gone', onGone);
  t.after(() => {
    unsubscribe('prefork:worker:starting', onStarting);
    unsubscribe('prefork:worker:gone', onGone);
  });
  return () => peak;
}

for (const { mode, reloads } of PLANS) {
  test(
    `mode ${mode}: through ${reloads} reloads under load not one request fails, and none meets old code after them`,
    { timeout: 280_000 },
    async (t) => {
      const app = await createApp(t);
      const peak = peakOf(t);
      const server = await serveApp(t, app, { mode, min: mode === 'cluster' ? 2 : 1, max: 2 });
      const load = startLoad(server.url, { kept: 2, fresh: 1 });
      for (let generation = 2; generation <= reloads + 1; generation += 1) {
        await app.change(generation);
        const report = await server.reload();
        assert.equal(report.generation, generation);
        load.serves(generation);
        const before = load.answered;
        await until(() => load.answered > before + 3, {
          withinMs: 60_000,
          describe: () => `answers after reload ${generation}; failures: ${load.failures.join(', ')}`,
        });
      }
      await load.stop();
      assert.deepEqual(load.failures, []);
      assert.equal(load.stale, 0, `of ${load.answered} answers, ${peak()} workers at once`);
      assert.ok(peak() <= 4, `${peak()} workers lived at once, two more than max are allowed`);
      t.diagnostic(`${load.answered} answers, ${peak()} workers at once`);
    },
  );
}
