import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';

/** After so long without a word a worker is looked into, ms; and then each time when it has been silent for twice as long, up to the other one. */
const FIRST_MS = 2;
const LONGEST_MS = 256;
/** When all have been silent for so long it is enough to turn as often. */
const SLOW_MS = 64;
const MOST_IDLE_TURNS = 50;

interface Silence {
  /** Its last word when it was last heard. */
  wordMs: number;
  delayMs: number;
  dueMs: number;
}

/**
 * Looks into the journals of workers that run something and say nothing. A handler may compute on after `response.end()`: its answer is kept there, since
 * a write for it would wake this process once more for each request, and nearly always there is another word to come at once.
 */
export class LookIn {
  readonly #runs: (worker: SupervisedWorker) => boolean;
  readonly #silences = new Map<SupervisedWorker, Silence>();
  /** Turns at one of two paces, and on for a while when there is nothing to do: a timer of its own for each request would cost more than the looks. */
  #timer: NodeJS.Timeout | undefined;
  #paceMs = 0;
  #idleTurns = 0;

  /** @param runs whether a worker runs something, as far as is known */
  constructor(runs: (worker: SupervisedWorker) => boolean) {
    this.#runs = runs;
  }

  /** It was given something to do. */
  begin(worker: SupervisedWorker): void {
    if (this.#silences.has(worker) || !worker.keepsWords) return;
    this.#silences.set(worker, { wordMs: worker.lastWordMs, delayMs: FIRST_MS, dueMs: performance.now() + FIRST_MS });
    this.#turn(FIRST_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#silences.clear();
  }

  #turn(paceMs: number): void {
    this.#idleTurns = 0;
    if (paceMs === this.#paceMs) return;
    this.#paceMs = paceMs;
    clearInterval(this.#timer);
    this.#timer = paceMs === 0 ? undefined : setInterval(() => this.#look(), paceMs).unref();
  }

  #look(): void {
    const nowMs = performance.now();
    let delayMs = LONGEST_MS;
    for (const [worker, silence] of this.#silences) {
      if (!this.#runs(worker)) {
        this.#silences.delete(worker);
        continue;
      }
      if (worker.lastWordMs !== silence.wordMs) {
        silence.wordMs = worker.lastWordMs;
        silence.delayMs = FIRST_MS;
        silence.dueMs = nowMs + FIRST_MS;
      } else if (silence.dueMs <= nowMs) {
        worker.lookIn();
        silence.delayMs = Math.min(LONGEST_MS, 2 * silence.delayMs);
        silence.dueMs = nowMs + silence.delayMs;
      }
      delayMs = Math.min(delayMs, silence.delayMs);
    }
    if (this.#silences.size > 0) this.#turn(delayMs >= SLOW_MS ? SLOW_MS : FIRST_MS);
    else {
      this.#idleTurns += 1;
      if (this.#idleTurns >= MOST_IDLE_TURNS) this.#turn(0);
    }
  }
}
