import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { FiguresSeries } from '../../src/admin/api.ts';
import { FiguresHistory, quantile } from '../../src/admin/figures-history.ts';
import { TaskCounts, TIME_BOUNDS_MS, timesOf } from '../../src/http/task-counts.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { askAdmin } from './ask-admin.ts';
import { SmallControlled } from './small-controlled.ts';

/** A histogram with so many in the bucket that holds each time. */
function histogram(...times: readonly number[]): number[] {
  const counts = Array.from({ length: TIME_BOUNDS_MS.length + 1 }, () => 0);
  for (const ms of times) {
    const bucket = TIME_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const index = bucket === -1 ? TIME_BOUNDS_MS.length : bucket;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

describe('a quantile', () => {
  it('lies within the bucket that holds it', () => {
    const counts = histogram(...Array.from({ length: 99 }, () => 3), 700);
    assert.ok(quantile(counts, 0.5) > 2 && quantile(counts, 0.5) <= 5);
    assert.ok(quantile(counts, 0.99) <= 5);
    assert.ok(quantile(counts, 0.995) > 500 && quantile(counts, 0.995) <= 1000);
  });
  it('is the last bound for what is beyond it', () => assert.equal(quantile(histogram(90_000), 0.5), 60_000));
  it('of nothing is 0', () => assert.equal(quantile(histogram(), 0.5), 0));
});

test('latency is of the last ten seconds alone, and the past is of ten minutes', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const counts = new TaskCounts(50);
  const controlled = new SmallControlled();
  const told: string[] = [];
  const history = new FiguresHistory({ state: () => controlled.state(), times: () => timesOf(counts.cells) }, ({ at }) =>
    told.push(at),
  );
  t.after(() => history.close());
  t.mock.timers.tick(1000);
  assert.equal(history.samples.at(-1)?.short, null);
  counts.end('completed', { queueMs: 1, runMs: 4 });
  counts.end('completed', { queueMs: 1, runMs: 400 });
  t.mock.timers.tick(1000);
  const { short, long } = history.samples.at(-1) ?? {};
  assert.deepEqual([short?.count, long?.count], [1, 1]);
  assert.ok((short?.p50Ms ?? 0) > 2 && (short?.p50Ms ?? 0) <= 5);
  assert.ok((long?.p50Ms ?? 0) > 250 && (long?.p50Ms ?? 0) <= 500);
  t.mock.timers.tick(9000);
  assert.equal(history.samples.at(-1)?.short?.count, 1);
  t.mock.timers.tick(1000);
  assert.equal(history.samples.at(-1)?.short, null);
  t.mock.timers.tick(1_000_000);
  assert.equal(history.samples.length, 600);
  assert.equal(told.length, 1012);
  assert.equal(history.samples.at(-1)?.at, told.at(-1));
});

test('whoever comes late is told what was before', async () => {
  await using server = await startServer({ entry: handler('tiny.mjs'), args: ['--admin-port', '0'] });
  const [, link = ''] = await server.waitForStdout(/admin on (\S+)/);
  const port = Number(new URL(link).port);
  for (let request = 0; request < 20; request += 1) await (await fetch(server.url)).text();
  const sample = await until(
    async () => {
      const series = (await askAdmin(port, '/api/history')).json() as FiguresSeries;
      // What a worker takes of the memory is known when it has said so.
      return series.samples.find(
        ({ answeredPerSecond, workersRssBytes }) => answeredPerSecond > 0 && workersRssBytes > 1024 * 1024,
      );
    },
    { describe: 'a sample with the requests in it, and the memory of the workers' },
  );
  assert.ok((sample.short?.count ?? 0) + (sample.long?.count ?? 0) > 0, JSON.stringify(sample));
});
