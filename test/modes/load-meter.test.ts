import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { LoadMeter, type MeasuredWorker } from '../../src/modes/load-meter.ts';

function worker(some: Partial<MeasuredWorker> = {}): MeasuredWorker {
  return { cpuPercent: 0, demoted: false, starting: false, isThread: false, ...some };
}

/** Computes for so long by the clock of the CPU. */
function compute(ms: number): void {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user + process.cpuUsage(before).system < 1000 * ms);
}

test('where less is granted than the system has, what workers report counts, boots count whole, and what is demoted does not', () => {
  const meter = new LoadMeter(1.5, 8);
  const nothing = meter.measure([]);
  const some = [
    worker({ cpuPercent: 60 }),
    worker({ cpuPercent: 100, demoted: true }),
    worker({ starting: true }),
    worker({ cpuPercent: 100, isThread: true }),
  ];
  const busy = meter.measure(some);
  // What this process itself does beside it is at most one CPU and what V8 does in threads of its own.
  assert.ok(nothing >= 0 && busy >= 1.6 && busy < 1.6 + availableParallelism(), `${nothing} and ${busy}`);
});

test('where less is granted than the system has, this process counts too', () => {
  const meter = new LoadMeter(0.5, 8);
  const before = performance.now();
  compute(100);
  const busy = meter.measure([]);
  const share = 100 / (performance.now() - before);
  assert.ok(busy >= 0.9 * share, `${busy} CPUs beside ${share}`);
});

test('where all CPUs are granted, the system says how many are busy', () => {
  const meter = new LoadMeter(availableParallelism());
  // Its clock has ticks of 10 ms.
  const before = performance.now();
  compute(300);
  const busy = meter.measure([worker({ cpuPercent: 1e6 })]);
  const share = 300 / (performance.now() - before);
  assert.ok(busy >= 0.5 * share && busy <= availableParallelism() + 0.5, `${busy} CPUs beside ${share}`);
});
