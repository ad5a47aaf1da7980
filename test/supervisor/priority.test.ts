import assert from 'node:assert/strict';
import { test } from 'node:test';
import { niceForShare, priorityOfLong } from '../../src/supervisor/priority.ts';

/** The share of all CPUs that `count` busy processes of a nice value get beside a normal one on each CPU. */
function shareOf(count: number, nice: number, cpus: number): number {
  const weight = 1.25 ** -nice;
  const perCpu = Math.max(1, count / cpus);
  return ((perCpu * weight) / (perCpu * weight + 1)) * (Math.min(count, cpus) / cpus);
}

for (const cpus of [1, 2, 4, 64]) {
  test(`on ${cpus} CPUs the floor is kept by any number of processes, and not by much more than is due`, () => {
    for (const floor of [0.01, 0.1, 0.25]) {
      for (const count of [1, 2, 3, 8, 32, 500]) {
        const nice = niceForShare(count, floor, cpus);
        assert.ok(Number.isInteger(nice) && nice >= 0 && nice <= 19);
        const share = shareOf(count, nice, cpus);
        const possible = 0.5 * (Math.min(count, cpus) / cpus);
        assert.ok(share >= Math.min(floor, possible) - 1e-9, `${count} at ${nice}: ${share}`);
        if (nice < 19 && nice > 0) assert.ok(shareOf(count, nice + 1, cpus) < floor, `${count} at ${nice}: ${share} is too much`);
      }
    }
  });
}

test('with room on the CPUs long tasks leave them at once, and on a machine that short ones keep busy they have their floor', () => {
  assert.deepEqual(priorityOfLong(8, 0.1, 2, false), { nice: niceForShare(8, 0.1, 2), isIdle: true });
  assert.deepEqual(priorityOfLong(8, 0.1, 2, true), { nice: niceForShare(8, 0.1, 2), isIdle: false });
  // At 0 their time would count as that of short ones.
  assert.deepEqual(priorityOfLong(1, 0.5, 1, true), { nice: 0, isIdle: false });
  assert.deepEqual(priorityOfLong(1, 0.5, 1, false), { nice: 1, isIdle: true });
});
