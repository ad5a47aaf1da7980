/**
 * Loaded into the primary by `--import`: samples how late its event loop runs, and on SIGUSR2 writes what it saw since the last
 * time to the file of BENCH_DELAY_FILE. A child does not get the variable, so only the primary is measured.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const SAMPLE_MS = 10;
const path = process.env.BENCH_DELAY_FILE;

if (isMainThread && path !== undefined) {
  delete process.env.BENCH_DELAY_FILE;
  const histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  histogram.enable();
  let asked = 0;
  process.on('SIGUSR2', () => {
    asked += 1;
    const seen = {
      asked,
      samples: histogram.count,
      p50Ms: late(histogram.percentile(50)),
      p99Ms: late(histogram.percentile(99)),
      maxMs: late(histogram.max),
    };
    histogram.reset();
    writeFileSync(`${path}.new`, JSON.stringify(seen));
    renameSync(`${path}.new`, path);
  });
}

/** Node reports the time between two samples; what is above the wanted time is delay. */
function late(nanoseconds) {
  return Math.max(0, Math.round((nanoseconds / 1e6 - SAMPLE_MS) * 100) / 100);
}
