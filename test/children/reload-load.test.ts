import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '../../src/config/settings.ts';
import { until } from '../support/until.ts';
import { createApp, serveApp, startLoad } from './generations.ts';

const RELOADS = 20;
const MODES: readonly Mode[] = ['pool', 'fork', 'thread', 'cluster'];

for (const mode of MODES) {
  test(
    `mode ${mode}: through ${RELOADS} reloads under load not one request fails, and none meets old code after them`,
    { timeout: 280_000 },
    async (t) => {
      const app = await createApp(t);
      const server = await serveApp(t, app, { mode, min: mode === 'cluster' ? 2 : 1, max: 2 });
      const load = startLoad(server.url, { kept: 2, fresh: 1 });
      for (let generation = 2; generation <= RELOADS + 1; generation += 1) {
        await app.change(generation);
        const report = await server.reload();
        assert.equal(report.generation, generation);
        load.serves(generation);
        const before = load.answered;
        await until(() => load.answered > before + 3, {
          describe: () => `answers after reload ${generation}; failures: ${load.failures.join(', ')}`,
        });
      }
      await load.stop();
      assert.deepEqual(load.failures, []);
      assert.equal(load.stale, 0, `of ${load.answered} answers`);
      t.diagnostic(`${load.answered} answers`);
    },
  );
}
