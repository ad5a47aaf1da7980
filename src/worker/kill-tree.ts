import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends this process and every process that the handler started, at once. A worker leads a process group of its own, so one
 * signal does; in mode cluster (and where there are no groups) the children are found through /proc, parents first.
 */
export function killTree(): void {
  for (const pid of descendants(process.pid)) kill(pid);
  kill(-process.pid);
  kill(process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or no group of that number.
  }
}

/** All processes below `root`, from /proc; none where there is no /proc. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent !== undefined) parents.set(pid, parent);
  }
  const found: number[] = [];
  let level = [root];
  while (level.length > 0) {
    const next = [...parents].filter(([, parent]) => level.includes(parent)).map(([pid]) => pid);
    found.push(...next);
    level = next;
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    // The second field is a name in parentheses that may hold anything; the parent is the second field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
