import type { Done, ReloadReport } from '../admin/api.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { findWorker } from './find-worker.ts';
import type { Generations } from './generations.ts';
import type { WorkerControl } from './running-mode.ts';

/** What differs between the modes. */
export interface Operated {
  /** Replaces a worker that is ready. */
  recycle(worker: SupervisedWorker): void;
  /** @returns what there will be, as a sentence */
  scale(workers: number): string;
  holdDeadlines(worker: SupervisedWorker, held: boolean): void;
  /** What becomes of the tasks of a worker that is killed, as the end of a sentence. */
  readonly lostTasks: string;
}

/** As many as the options allow. */
const MOST_WORKERS = 4096;

/** What an operator may do to the workers of a mode that has some. */
export class OperatorControl implements WorkerControl {
  readonly #supervisor: Supervisor;
  readonly #generations: Generations;
  readonly #operated: Operated;

  constructor(supervisor: Supervisor, generations: Generations, operated: Operated) {
    this.#supervisor = supervisor;
    this.#generations = generations;
    this.#operated = operated;
  }

  find(ref: string): SupervisedWorker {
    return findWorker(this.#supervisor.workers, ref);
  }

  recycle(ref: string): Done {
    const worker = this.find(ref);
    const { life } = worker;
    switch (life.phase) {
      case 'starting':
        return { done: `${nameOf(worker)} boots just now, with nothing to get rid of: it was left alone` };
      case 'ready':
        this.#operated.recycle(worker);
        return {
          done: `${nameOf(worker)} is replaced: another one boots first, then this one finishes what it runs and ends`,
        };
      case 'draining':
        return { done: `${nameOf(worker)} ends already after what it runs (${life.reason})` };
      case 'killing':
      case 'gone':
        return { done: `${nameOf(worker)} is being ended already` };
    }
  }

  kill(ref: string): Done {
    const worker = this.find(ref);
    if (worker.life.phase === 'killing') return { done: `${nameOf(worker)} is being ended already (${worker.life.reason})` };
    this.#supervisor.kill(worker.id, 'operator');
    return { done: `${nameOf(worker)} is killed, and another one takes its place as needed; ${this.#operated.lostTasks}` };
  }

  holdDeadlines(worker: SupervisedWorker, held: boolean): void {
    this.#operated.holdDeadlines(worker, held);
  }

  scale(workers: number): Done {
    if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS)
      throw new PreforkError(
        'ERR_BAD_OPTION',
        `scale: found ${String(workers).slice(0, 40)}, expected a whole number of workers from 1 to ${MOST_WORKERS}`,
      );
    return { done: this.#operated.scale(workers) };
  }

  reload(): Promise<ReloadReport> {
    return this.#generations.reload();
  }
}

function nameOf({ id, pid, kind }: SupervisedWorker): string {
  return kind === 'thread' ? `worker w${id} (a thread of process ${pid})` : `worker ${pid} (w${id})`;
}

/** For a mode without workers. */
export class NoControl implements WorkerControl {
  readonly #mode: string;

  constructor(mode: string) {
    this.#mode = mode;
  }

  find(): never {
    throw this.#refusal();
  }

  recycle(): never {
    throw this.#refusal();
  }

  kill(): never {
    throw this.#refusal();
  }

  holdDeadlines(): never {
    throw this.#refusal();
  }

  scale(): never {
    throw this.#refusal();
  }

  reload(): Promise<never> {
    return Promise.reject(this.#refusal());
  }

  #refusal(): PreforkError {
    return new PreforkError(
      'ERR_NOT_SUPPORTED',
      `mode ${this.#mode} has no workers, and can not do it: restart the server, or choose another mode with --mode`,
    );
  }
}
