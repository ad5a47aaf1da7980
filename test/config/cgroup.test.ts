import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInCpuGroup, readCgroupLimits, type CgroupLimits } from '../../src/config/cgroup.ts';

const V2_MOUNT = '30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const V1_MOUNTS =
  '31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
  '34 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
  '35 30 0:32 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n';
const V1_NO_MEMORY_LIMIT = '9223372036854771712\n';
const MB = 1024 ** 2;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly limits: CgroupLimits;
}

const CASES: readonly Case[] = [
  { name: 'no cgroups, as on macOS', files: {}, limits: { cpus: undefined, memoryBytes: undefined } },
  {
    name: 'v2, limits on the group itself',
    files: {
      '/proc/self/cgroup': '0::/app\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/app/cpu.max': '50000 100000\n',
      '/sys/fs/cgroup/app/memory.max': `${256 * MB}\n`,
    },
    limits: { cpus: 0.5, memoryBytes: 256 * MB },
  },
  {
    name: 'v2, the smallest on the way up wins, whichever level holds it',
    files: {
      '/proc/self/cgroup': '0::/slice/app\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/slice/app/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/slice/app/memory.max': `${128 * MB}\n`,
      '/sys/fs/cgroup/slice/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/slice/memory.max': `${512 * MB}\n`,
    },
    limits: { cpus: 1.5, memoryBytes: 128 * MB },
  },
  {
    name: 'v2 inside a container with its own namespace: limits lie at the mount',
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/memory.max': `${64 * MB}\n`,
    },
    limits: { cpus: 2, memoryBytes: 64 * MB },
  },
  {
    name: 'v2 seen from a namespace that the process was moved out of',
    files: {
      '/proc/self/cgroup': '0::/../other\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/cpu.max': '100000 100000\n',
      '/sys/fs/cgroup/../other/cpu.max': '1 100000\n',
    },
    limits: { cpus: 1, memoryBytes: undefined },
  },
  {
    name: 'v2 without limits',
    files: {
      '/proc/self/cgroup': '0::/app\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/app/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/app/memory.max': 'max\n',
    },
    limits: { cpus: undefined, memoryBytes: undefined },
  },
  {
    name: 'v1, each controller with a group of its own',
    files: {
      '/proc/self/cgroup': '4:memory:/a/b\n2:cpu,cpuacct:/c\n',
      '/proc/self/mountinfo': V1_MOUNTS,
      '/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us': '25000\n',
      '/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us': '50000\n',
      '/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': V1_NO_MEMORY_LIMIT,
      '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': `${300 * MB}\n`,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': V1_NO_MEMORY_LIMIT,
    },
    limits: { cpus: 0.5, memoryBytes: 300 * MB },
  },
  {
    name: 'v1 without limits',
    files: {
      '/proc/self/cgroup': '4:memory:/\n2:cpu,cpuacct:/\n',
      '/proc/self/mountinfo': V1_MOUNTS,
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': V1_NO_MEMORY_LIMIT,
    },
    limits: { cpus: undefined, memoryBytes: undefined },
  },
  {
    name: 'v1 in a container, where the mount begins at the group',
    files: {
      '/proc/self/cgroup': '4:memory:/docker/abc\n',
      '/proc/self/mountinfo': '34 30 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${100 * MB}\n`,
    },
    limits: { cpus: undefined, memoryBytes: 100 * MB },
  },
  {
    name: 'a mount that begins at a group with a similar name',
    files: {
      '/proc/self/cgroup': '4:memory:/docker/abcdef\n',
      '/proc/self/mountinfo': '34 30 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${100 * MB}\n`,
      '/sys/fs/cgroup/memory/def/memory.limit_in_bytes': `${1 * MB}\n`,
    },
    limits: { cpus: undefined, memoryBytes: 100 * MB },
  },
  {
    name: 'v1 and v2 mounted beside each other',
    files: {
      '/proc/self/cgroup': '4:memory:/app\n1:cpu:/\n0::/unit\n',
      '/proc/self/mountinfo': `${V1_MOUNTS}40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
      '/sys/fs/cgroup/memory/app/memory.limit_in_bytes': `${200 * MB}\n`,
      '/sys/fs/cgroup/unified/unit/cpu.max': '300000 100000\n',
    },
    limits: { cpus: 3, memoryBytes: 200 * MB },
  },
  {
    name: 'a mount path with a blank',
    files: {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': String.raw`30 22 0:27 / /mnt/c\040g rw shared:9 - cgroup2 cgroup2 rw`,
      '/mnt/c g/memory.max': `${10 * MB}`,
    },
    limits: { cpus: undefined, memoryBytes: 10 * MB },
  },
  {
    name: 'nonsense in the files',
    files: {
      '/proc/self/cgroup': 'x\n0::/app\n:\n',
      '/proc/self/mountinfo': `\n - \na b c\n${V2_MOUNT}`,
      '/sys/fs/cgroup/app/cpu.max': '50000 0\n',
      '/sys/fs/cgroup/app/memory.max': '\n',
      '/sys/fs/cgroup/cpu.max': '-5 zzz\n',
      '/sys/fs/cgroup/memory.max': '0\n',
    },
    limits: { cpus: undefined, memoryBytes: undefined },
  },
];

for (const { name, files, limits } of CASES) {
  test(name, () =>
    assert.deepEqual(
      readCgroupLimits((path) => files[path]),
      limits,
    ),
  );
}

const CPU_GROUPS: readonly (readonly [string, boolean, Readonly<Record<string, string>>])[] = [
  ['no cgroups', false, {}],
  ['v2, the group of all', false, { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT }],
  ['v2, a group without the CPU controller', false, { '/proc/self/cgroup': '0::/a/b\n', '/proc/self/mountinfo': V2_MOUNT }],
  [
    'v2, below a group with it',
    true,
    { '/proc/self/cgroup': '0::/a/b\n', '/proc/self/mountinfo': V2_MOUNT, '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' },
  ],
  [
    'v2, a container with its own namespace',
    true,
    { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT, '/sys/fs/cgroup/cpu.max': 'max 100000\n' },
  ],
  [
    'v1, the group of all',
    false,
    {
      '/proc/self/cgroup': '2:cpu,cpuacct:/\n3:memory:/a\n',
      '/proc/self/mountinfo': V1_MOUNTS,
      '/sys/fs/cgroup/cpu,cpuacct/release_agent': '',
    },
  ],
  [
    'v1, a container with its own namespace',
    true,
    { '/proc/self/cgroup': '2:cpu,cpuacct:/\n', '/proc/self/mountinfo': V1_MOUNTS },
  ],
  ['v1, a group below', true, { '/proc/self/cgroup': '2:cpu,cpuacct:/a\n', '/proc/self/mountinfo': V1_MOUNTS }],
  [
    'v1, a container',
    true,
    {
      '/proc/self/cgroup': '2:cpu,cpuacct:/\n',
      '/proc/self/mountinfo': '31 30 0:28 /docker/a /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n',
    },
  ],
];

for (const [name, expected, files] of CPU_GROUPS) {
  test(`in a CPU group: ${name}`, () =>
    assert.equal(
      isInCpuGroup((path) => files[path]),
      expected,
    ));
}
