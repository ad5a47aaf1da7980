import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableMemory } from '../../src/config/available-memory.ts';

const MB = 1024 ** 2;
const MEMINFO = 'MemTotal:       8000000 kB\nMemFree:         100000 kB\nMemAvailable:   2048000 kB\n';

function reading(files: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => files[path];
}

test('is what the machine has, where no control group says less', () => {
  assert.equal(availableMemory(reading({ '/proc/meminfo': MEMINFO })), 2000 * MB);
});

const V2 = {
  '/proc/meminfo': MEMINFO,
  '/proc/self/cgroup': '0::/app/worker\n',
  '/proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n',
};

test('is what the tightest group above leaves; cached files that nobody reads count as free (v2)', () => {
  const files = {
    ...V2,
    '/sys/fs/cgroup/app/memory.max': String(512 * MB),
    '/sys/fs/cgroup/app/memory.current': String(400 * MB),
    '/sys/fs/cgroup/app/memory.stat': `anon 1\ninactive_file ${50 * MB}\nactive_file 7\n`,
    '/sys/fs/cgroup/app/worker/memory.max': 'max\n',
    '/sys/fs/cgroup/app/worker/memory.current': String(300 * MB),
  };
  assert.equal(availableMemory(reading(files)), 162 * MB);
});

test('is nothing in a group that is full', () => {
  const files = {
    ...V2,
    '/sys/fs/cgroup/app/memory.max': String(512 * MB),
    '/sys/fs/cgroup/app/memory.current': String(513 * MB),
  };
  assert.equal(availableMemory(reading(files)), 0);
});

test('is what a group of v1 leaves', () => {
  const files = {
    '/proc/meminfo': MEMINFO,
    '/proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n',
    '/proc/self/mountinfo':
      '40 30 0:33 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n41 30 0:34 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': String(256 * MB),
    '/sys/fs/cgroup/memory/memory.usage_in_bytes': String(200 * MB),
    '/sys/fs/cgroup/memory/memory.stat': `inactive_file 5\ntotal_inactive_file ${20 * MB}\n`,
  };
  assert.equal(availableMemory(reading(files)), 76 * MB);
});
