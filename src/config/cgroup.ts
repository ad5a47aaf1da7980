/** What the control groups of this process allow it; undefined where they set no limit. */
export interface CgroupLimits {
  /** CPUs, a fraction for less than one: CPU time for each unit of wall time. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** The text of a file, or undefined when it can't be read. */
export type ReadText = (path: string) => string | undefined;

interface Mount {
  readonly version: 1 | 2;
  /** Where in the hierarchy the mount begins: a container sees its own part alone. */
  readonly root: string;
  readonly path: string;
  readonly controllers: readonly string[];
}

/**
 * Reads the CPU and memory limits of cgroup v2, of v1 and of both mounted beside each other. A limit of any group above the
 * process counts too, so each hierarchy is walked from the group of the process up to its mount, and the smallest wins.
 * Formats: cgroups(7), proc_pid_mountinfo(5), https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function readCgroupLimits(read: ReadText): CgroupLimits {
  const groups = parseGroups(read('/proc/self/cgroup') ?? '');
  const cpus: number[] = [];
  const memory: number[] = [];
  for (const mount of parseMounts(read('/proc/self/mountinfo') ?? '')) {
    const handlesCpu = mount.version === 2 || mount.controllers.includes('cpu');
    const handlesMemory = mount.version === 2 || mount.controllers.includes('memory');
    const controller = mount.version === 2 ? '' : handlesCpu ? 'cpu' : 'memory';
    if (!handlesCpu && !handlesMemory) continue;
    for (const folder of foldersUpwards(mount, groups.get(controller) ?? '/')) {
      if (handlesCpu) cpus.push(mount.version === 2 ? cpusOfV2(folder, read) : cpusOfV1(folder, read));
      if (handlesMemory) memory.push(memoryOf(folder, mount.version, read));
    }
  }
  return { cpus: smallest(cpus), memoryBytes: smallest(memory) };
}

/**
 * What the control groups of this process have left of their memory, bytes; undefined where they set no limit. Cached files
 * that nobody has read for a while count as free: the kernel drops them first.
 */
export function readCgroupHeadroom(read: ReadText): number | undefined {
  const groups = parseGroups(read('/proc/self/cgroup') ?? '');
  const left: number[] = [];
  for (const mount of parseMounts(read('/proc/self/mountinfo') ?? '')) {
    if (mount.version === 1 && !mount.controllers.includes('memory')) continue;
    for (const folder of foldersUpwards(mount, groups.get(mount.version === 2 ? '' : 'memory') ?? '/'))
      left.push(memoryOf(folder, mount.version, read) - usedMemoryOf(folder, mount.version, read));
  }
  return smallest(left);
}

/**
 * Whether this process is in a group of the CPU controller, below the one of all: then sessions are no groups for the scheduler (autogroup, sched(7)).
 */
export function isInCpuGroup(read: ReadText): boolean {
  const groups = parseGroups(read('/proc/self/cgroup') ?? '');
  return parseMounts(read('/proc/self/mountinfo') ?? '').some((mount) => {
    // The group of all has no limit that could be set.
    if (mount.version === 2)
      return foldersUpwards(mount, groups.get('') ?? '/').some((folder) => read(`${folder}/cpu.max`) !== undefined);
    if (!mount.controllers.includes('cpu')) return false;
    // A container may see its own group as the one of all, which alone has this file.
    return mount.root !== '/' || (groups.get('cpu') ?? '/') !== '/' || read(`${mount.path}/release_agent`) === undefined;
  });
}

/** The group of the process by controller; that of v2 stands under the empty name. */
function parseGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(',')) groups.set(controller, path);
  }
  return groups;
}

function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const [, , , root, path] = before?.split(' ') ?? [];
    const [type, , superOptions] = after?.split(' ') ?? [];
    if (root === undefined || path === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    mounts.push({
      version: type === 'cgroup2' ? 2 : 1,
      root: unescapeOctal(root),
      path: unescapeOctal(path),
      controllers: superOptions?.split(',') ?? [],
    });
  }
  return mounts;
}

/** Mountinfo writes a blank as \040. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function foldersUpwards(mount: Mount, group: string): string[] {
  const prefix = mount.root === '/' ? '' : mount.root;
  // A group that is not below the root of the mount belongs to another namespace: the mount itself is all we can see.
  const isInside = group === prefix || group.startsWith(`${prefix}/`);
  const names = isInside ? group.slice(prefix.length).split('/').filter(Boolean) : [];
  if (names.includes('..')) return [mount.path];
  return [...names.keys(), names.length].map((depth) => [mount.path, ...names.slice(0, depth)].join('/')).toReversed();
}

/** `cpu.max` is "QUOTA PERIOD" in microseconds, or "max PERIOD". */
function cpusOfV2(folder: string, read: ReadText): number {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? '').trim().split(' ');
  return positive(quota) / positive(period);
}

function cpusOfV1(folder: string, read: ReadText): number {
  return positive(read(`${folder}/cpu.cfs_quota_us`)) / positive(read(`${folder}/cpu.cfs_period_us`));
}

function memoryOf(folder: string, version: 1 | 2, read: ReadText): number {
  const bytes = positive(read(`${folder}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`));
  // Without a limit v1 gives 2^63 less a page, which is more than any machine has.
  return bytes < 2 ** 60 ? bytes : Number.NaN;
}

function usedMemoryOf(folder: string, version: 1 | 2, read: ReadText): number {
  const usage = positive(read(`${folder}/${version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`));
  const name = version === 2 ? 'inactive_file' : 'total_inactive_file';
  const [, inactive] = new RegExp(`^${name} (\\d+)$`, 'm').exec(read(`${folder}/memory.stat`) ?? '') ?? [];
  return usage - Number(inactive ?? 0);
}

/** NaN for whatever is no limit: "max", -1, 0, nonsense, or a file that is not there. */
function positive(text: string | undefined): number {
  const value = Number(text?.trim() ?? '');
  return value > 0 ? value : Number.NaN;
}

function smallest(values: readonly number[]): number | undefined {
  const limits = values.filter((value) => Number.isFinite(value));
  return limits.length === 0 ? undefined : Math.min(...limits);
}
