import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * Ends this process and every process that the handler started, at once. A worker leads a process group of its own, so one
 * signal does; in mode cluster (and where there are no groups), and for those that left the group, the children are found
 * through /proc.
 */
export function killTree(): void {
  killChildren();
  kill(-process.pid);
  kill(process.pid);
}

/** Ends what the handler started, wherever it went: once this process has ended, nobody can tell any more whose children they were. */
export function killChildren(): void {
  const killed = new Set<number>();
  // The list of children may miss one while another one ends: look again until nothing new is found.
  for (;;) {
    const found = descendants(process.pid).filter((pid) => !killed.has(pid));
    if (found.length === 0) return;
    for (const pid of found) {
      kill(pid);
      killed.add(pid);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or no group of that number.
  }
}

/** All processes below `root`; none where there is no /proc, and none where Linux was built without CONFIG_PROC_CHILDREN. */
function descendants(root: number): number[] {
  const found: number[] = [];
  const parents = [root];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    const children = childrenOf(parent);
    found.push(...children);
    parents.push(...children);
  }
  return found;
}

/** proc(5), /proc/PID/task/TID/children: each thread has the children that it started. */
function childrenOf(pid: number): number[] {
  const threads = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const texts = threads.map((thread) => attempt(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')) ?? '');
  return texts
    .join(' ')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** The process or thread may have ended meanwhile. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
