import type { LaneEnd } from './api.ts';
import type { LaneProcesses } from './lane-processes.ts';

/** How closely the children of a dead primary are watched, and for how long; after that they are looked at with all others. */
const LOOK_EVERY_MS = 20;
const LOOK_FOR_MS = 5000;

/** Watches what becomes of the children of a primary that has ended. */
export class EndWatch {
  readonly #processes: LaneProcesses;
  readonly #look: () => void;
  readonly #onChange: () => void;
  #end: LaneEnd | null = null;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param look brings `processes` up to date, and calls `count` */
  constructor(processes: LaneProcesses, look: () => void, onChange: () => void) {
    this.#processes = processes;
    this.#look = look;
    this.#onChange = onChange;
  }

  /** Call it while the children are known; a second time for the same primary it does nothing. */
  begin(pid: number, how: string): void {
    if (this.#end?.pid === pid) return;
    this.close();
    const children = this.#processes.childrenOf(pid).length;
    this.#end = { pid, how, children, left: children, allGoneMs: null };
    this.#sinceMs = performance.now();
    this.#timer = setInterval(() => {
      this.#look();
      if (this.#end?.left === 0 || performance.now() - this.#sinceMs > LOOK_FOR_MS) this.close();
    }, LOOK_EVERY_MS);
  }

  /** After each look. */
  count(): void {
    if (this.#end === null || this.#end.allGoneMs !== null) return;
    const left = this.#processes.childrenOf(this.#end.pid).length;
    const allGoneMs = left === 0 ? Math.round(performance.now() - this.#sinceMs) : null;
    const isNews = left !== this.#end.left || allGoneMs !== null;
    this.#end = { ...this.#end, left, allGoneMs };
    if (isNews) this.#onChange();
  }

  tell(): LaneEnd | null {
    return this.#end;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
