import type { Supervision } from './supervision.ts';

interface Attempt {
  phase: 'trial' | 'rollOut';
  readonly worker: number;
  readonly generation: number;
  readonly before: number;
}

/** How new code comes into force: `src/modes/generations.ts` without files and promises. */
export class Reloads {
  readonly #supervision: Pick<Supervision, 'bootTrial' | 'generation'>;
  readonly #changeCode: (generation: number) => void;
  #attempt: Attempt | undefined;
  #latest = 1;
  #closed = false;

  constructor(supervision: Pick<Supervision, 'bootTrial' | 'generation'>, changeCode: (generation: number) => void) {
    this.#supervision = supervision;
    this.#changeCode = changeCode;
  }

  /** One at a time. */
  begin(): void {
    if (this.#attempt !== undefined || this.#closed) return;
    const [generation, before] = [this.#latest + 1, this.#supervision.generation];
    const worker = this.#supervision.bootTrial(generation);
    if (worker !== undefined) this.#attempt = { phase: 'trial', worker, generation, before };
  }

  ready(worker: number): void {
    const attempt = this.#attempt;
    if (attempt?.phase !== 'trial' || attempt.worker !== worker) return;
    attempt.phase = 'rollOut';
    this.#latest = attempt.generation;
    this.#putInForce(attempt.generation);
  }

  /** A worker did not boot, or is gone. */
  failed(worker: number): void {
    if (this.#attempt?.phase === 'trial' && this.#attempt.worker === worker) this.#attempt = undefined;
  }

  rolledOut(): void {
    this.#attempt = undefined;
  }

  bootsPaused(): void {
    if (this.#attempt?.phase === 'rollOut') this.#putInForce(this.#attempt.before);
  }

  close(): void {
    this.#closed = true;
    this.#attempt = undefined;
  }

  #putInForce(generation: number): void {
    this.#supervision.generation = generation;
    this.#changeCode(generation);
  }
}
