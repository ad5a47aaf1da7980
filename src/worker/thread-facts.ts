import { readFileSync, readlinkSync } from 'node:fs';
import type { ThreadFacts } from '../channel/observation.ts';

/** Those in which a thread can sit for long, by number. https://man7.org/linux/man-pages/man2/syscalls.2.html; `fd`: the first argument is one. */
const SYSTEM_CALLS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  x64: {
    0: 'read fd',
    1: 'write fd',
    7: 'poll',
    17: 'pread64 fd',
    18: 'pwrite64 fd',
    19: 'readv fd',
    20: 'writev fd',
    23: 'select',
    35: 'nanosleep',
    42: 'connect fd',
    43: 'accept fd',
    44: 'sendto fd',
    45: 'recvfrom fd',
    46: 'sendmsg fd',
    47: 'recvmsg fd',
    61: 'wait4',
    72: 'fcntl fd',
    73: 'flock fd',
    74: 'fsync fd',
    75: 'fdatasync fd',
    202: 'futex',
    230: 'clock_nanosleep',
    232: 'epoll_wait',
    247: 'waitid',
    257: 'openat',
    271: 'ppoll',
    281: 'epoll_pwait',
    441: 'epoll_pwait2',
  },
  arm64: {
    22: 'epoll_pwait',
    25: 'fcntl fd',
    32: 'flock fd',
    56: 'openat',
    63: 'read fd',
    64: 'write fd',
    65: 'readv fd',
    66: 'writev fd',
    67: 'pread64 fd',
    68: 'pwrite64 fd',
    73: 'ppoll',
    82: 'fsync fd',
    83: 'fdatasync fd',
    95: 'waitid',
    98: 'futex',
    101: 'nanosleep',
    115: 'clock_nanosleep',
    202: 'accept fd',
    203: 'connect fd',
    206: 'sendto fd',
    207: 'recvfrom fd',
    211: 'sendmsg fd',
    212: 'recvmsg fd',
    260: 'wait4',
    441: 'epoll_pwait2',
  },
};

/** USER_HZ, which /proc counts CPU time in, has been 100 on all of them since Linux 2.4. */
const TICK_MS = 10;

/** What proc(5) tells of a thread of this process; undefined where there is no /proc. */
export function threadFacts(thread: number): ThreadFacts | undefined {
  const folder = `/proc/self/task/${thread}`;
  const stat = read(`${folder}/stat`);
  // The name before it may hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  if (fields === undefined || state === undefined) return undefined;
  const waitChannel = read(`${folder}/wchan`)?.trim() ?? '';
  return {
    state,
    waitChannel: waitChannel === '' || waitChannel === '0' ? null : waitChannel,
    systemCall: systemCallOf(read(`${folder}/syscall`)?.trim() ?? ''),
    cpuMs: cpuMsOf(read(`${folder}/schedstat`), fields),
  };
}

/** In nanoseconds where the kernel counts them, else in ticks: utime and stime. */
function cpuMsOf(schedstat: string | undefined, fields: readonly string[]): number {
  const nanoseconds = Number(schedstat?.split(' ')[0] ?? Number.NaN);
  return nanoseconds > 0 ? nanoseconds / 1e6 : (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** `running`, or the number of the call and its arguments in hexadecimal; -1 where it is blocked outside of one. */
function systemCallOf(text: string): string | null {
  const [first = '', argument = ''] = text.split(' ');
  if (!/^\d+$/.test(first)) return null;
  const [name = `system call ${first}`, kind] = SYSTEM_CALLS[process.arch]?.[Number(first)]?.split(' ') ?? [];
  return kind === 'fd' ? `${name}(${fileOf(Number(argument))})` : name;
}

function fileOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return String(fd);
  }
}

/** A thread may be gone, a kernel may lack or hide a file. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
