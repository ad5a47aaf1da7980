import { readFileSync } from 'node:fs';
import { allProcesses, descendants, runs, type ProcessIdentity, type ProcessInfo } from './processes.ts';
import { until } from './until.ts';

/**
 * All processes that come from one, also after their parents have ended and they were handed to another parent: they are known
 * by a mark in their environment, which children inherit, or because they were seen before and still have the same start time.
 */
export class Family {
  readonly #head: ProcessIdentity;
  readonly #mark: string;
  readonly #seen = new Map<number, ProcessIdentity>();

  /**
   * @param head the process they all come from
   * @param mark `NAME=value`, unique, put in the environment of `head` at its start
   */
  constructor(head: ProcessIdentity, mark: string) {
    this.#head = head;
    this.#mark = mark;
    this.#seen.set(head.pid, head);
  }

  /** The members that run now, `head` too. */
  live(): ProcessInfo[] {
    // Tests ask for this many times a second: what is older than the head does not come from it, and is not looked at.
    const all = allProcesses(this.#head.startTicks);
    const members = new Map<number, ProcessInfo>();
    for (const info of all) {
      if (!runs(info)) continue;
      if (this.#seen.get(info.pid)?.startTicks !== info.startTicks && !carries(info.pid, this.#mark)) continue;
      for (const member of [info, ...descendants(info.pid, all)]) members.set(member.pid, member);
    }
    // Only those that still run are worth remembering: the start time tells a reused pid apart anyway.
    this.#seen.clear();
    for (const member of members.values()) this.#seen.set(member.pid, member);
    return [...members.values()];
  }

  /** The live members without `head`. */
  children(): ProcessInfo[] {
    return this.live().filter((info) => info.pid !== this.#head.pid || info.startTicks !== this.#head.startTicks);
  }

  /** Waits until no member runs. Those that do not end are killed, so that other tests have peace, and then this rejects and names them. */
  async ended(withinMs = 10_000): Promise<void> {
    try {
      // Twice, because a process that is born while /proc is read can be missed once.
      await until(() => this.live().length === 0 && this.live().length === 0, {
        describe: () => `every process of the server to end; still alive: ${JSON.stringify(this.live())}`,
        withinMs,
      });
    } catch (error) {
      for (const info of this.live()) kill(info.pid);
      throw error;
    }
  }
}

function carries(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
  } catch {
    // Ended meanwhile, or of another user and so none of ours.
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
