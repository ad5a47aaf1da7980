import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnFigures } from '../../src/server/own-figures.ts';
import { until } from '../support/until.ts';

test('an event loop that does not turn shows, and so does the CPU that it takes', { timeout: 60_000 }, async (t) => {
  const figures = new OwnFigures();
  t.after(() => figures.close());
  assert.ok(figures.rssBytes > 2 ** 20);
  assert.equal(figures.cpuPercent, 0);
  await until(
    () => {
      for (const end = performance.now() + 300; performance.now() < end;);
      return figures.eventLoopDelayMs >= 200 && figures.cpuPercent > 0;
    },
    {
      describe: () => `delay and CPU to show; they are ${figures.eventLoopDelayMs} ms, ${figures.cpuPercent} %`,
      withinMs: 30_000,
    },
  );
});
