import assert from 'node:assert/strict';
import { availableParallelism, totalmem } from 'node:os';
import { test } from 'node:test';
import { defaultClusterWorkers, defaultMaxWorkers, measureMachine, type Machine } from '../../src/config/sizing.ts';

const GB = 1024 ** 3;

const MAX: readonly [Machine, number][] = [
  [{ cpus: 2, memoryBytes: 4 * GB }, 16],
  [{ cpus: 2, memoryBytes: GB / 4 }, 4],
  [{ cpus: 2, memoryBytes: GB }, 4],
  [{ cpus: 0.5, memoryBytes: 64 * GB }, 32],
  [{ cpus: 1.5, memoryBytes: 64 * GB }, 64],
  [{ cpus: 64, memoryBytes: 16 * GB }, 64],
  [{ cpus: 1, memoryBytes: 2.2 * GB }, 8],
];

for (const [machine, max] of MAX) {
  test(`max is ${max} with ${machine.cpus} CPUs and ${machine.memoryBytes / GB} GB`, () =>
    assert.equal(defaultMaxWorkers(machine), max));
}

test('a cluster has a worker for each begun CPU, and two at least', () => {
  const workers = [0.1, 1, 2, 2.1, 8].map((cpus) => defaultClusterWorkers({ cpus, memoryBytes: GB }));
  assert.deepEqual(workers, [2, 2, 2, 3, 8]);
});

test('the smaller of the cgroup and the operating system wins', () => {
  const files: Record<string, string> = {
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': '30 22 0:27 / /cg rw - cgroup2 cgroup2 rw\n',
    '/cg/cpu.max': '150000 100000\n',
    '/cg/memory.max': `${2 * GB}\n`,
  };
  const read = (path: string): string | undefined => files[path];
  assert.deepEqual(measureMachine(read, { cpus: 8, memoryBytes: GB }), { cpus: 1.5, memoryBytes: GB });
  assert.deepEqual(measureMachine(read, { cpus: 1, memoryBytes: 8 * GB }), { cpus: 1, memoryBytes: 2 * GB });
  assert.deepEqual(
    measureMachine(() => undefined, { cpus: 8, memoryBytes: GB }),
    { cpus: 8, memoryBytes: GB },
  );
});

test('this machine has some CPU and memory, and not more than the operating system says', () => {
  const { cpus, memoryBytes } = measureMachine();
  assert.ok(cpus > 0 && cpus <= availableParallelism(), `${cpus} CPUs`);
  assert.ok(memoryBytes > 32 * 1024 ** 2 && memoryBytes <= totalmem(), `${memoryBytes} bytes`);
});
