import { Refusal } from '../admin/refusal.ts';
import type { Tab } from './api.ts';
import { askServer, type Outcome } from './ask-server.ts';

/** Of a lane: each may hold a process of 60 MB. */
export const MOST_LOADING = 24;
/** Those that have ended among them: the oldest of these goes first. */
const MOST_KEPT = 24;

interface Open {
  readonly id: number;
  readonly number: number;
  readonly startedMs: number;
  readonly controller: AbortController;
  end: { readonly atMs: number; readonly outcome: Outcome | { readonly is: 'closed' } } | undefined;
}

/** A tab that was opened, and its end. */
export interface OpenedTab {
  readonly id: number;
  /** Resolves when it is answered, has failed or was closed; never rejects. */
  readonly ended: Promise<Tab>;
}

/** The tabs of a lane. The lab asks for them, not the browser: that has six connections to a server, and would hold back the seventh. */
export class Tabs {
  readonly #onChange: () => void;
  #tabs: Open[] = [];
  #nextId = 1;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** @throws Refusal 409 when too many are loading */
  open(url: string, number: number): OpenedTab {
    if (this.#loading().length >= MOST_LOADING)
      throw new Refusal(409, `${MOST_LOADING} tabs are loading here, which is the most; close some`);
    const id = this.#nextId;
    this.#nextId += 1;
    const controller = new AbortController();
    const tab: Open = { id, number, startedMs: performance.now(), controller, end: undefined };
    this.#tabs.push(tab);
    this.#forgetOld();
    this.#onChange();
    const ended = askServer(url, number, controller.signal).then((outcome) => {
      // It was closed meanwhile, and that is its end.
      tab.end ??= { atMs: performance.now(), outcome };
      this.#onChange();
      return tell(tab, performance.now());
    });
    return { id, ended };
  }

  /** Goes away from one, as a person does: its connection is closed. Without an id, from all. @returns how many were loading */
  close(id?: number): number {
    const closed = this.#loading().filter((tab) => id === undefined || tab.id === id);
    for (const tab of closed) {
      tab.end = { atMs: performance.now(), outcome: { is: 'closed' } };
      tab.controller.abort();
    }
    if (closed.length > 0) this.#onChange();
    return closed.length;
  }

  /** Forgets those that have ended. */
  sweep(): void {
    this.#tabs = this.#loading();
    this.#onChange();
  }

  get loading(): number {
    return this.#loading().length;
  }

  tell(nowMs: number): Tab[] {
    return this.#tabs.map((tab) => tell(tab, nowMs));
  }

  #loading(): Open[] {
    return this.#tabs.filter(({ end }) => end === undefined);
  }

  #forgetOld(): void {
    while (this.#tabs.length > MOST_KEPT) {
      const index = this.#tabs.findIndex(({ end }) => end !== undefined);
      if (index === -1) return;
      this.#tabs.splice(index, 1);
    }
  }
}

function tell({ id, number, startedMs, end }: Open, nowMs: number): Tab {
  const outcome = end?.outcome;
  return {
    id,
    number,
    is: outcome?.is ?? 'loading',
    ms: Math.round(((end?.atMs ?? nowMs) - startedMs) * 10) / 10,
    pid: outcome?.is === 'answered' ? outcome.pid : null,
    prime: outcome?.is === 'answered' ? outcome.prime : null,
    why: outcome?.is === 'failed' ? outcome.why : null,
  };
}
