/**
 * The code that workers run, and how it changes while they serve. A reload prepares the files anew and has one worker try them, beside the
 * others. If that one boots, its code is in force: workers boot with it from then on, and the mode replaces those that have older code. If
 * not, nothing has changed. It runs in the primary, and fails with ERR_RELOAD, ERR_SHUTTING_DOWN.
 *
 * Where the first worker boots with the new code and the next ones do not, five times in a row, the old code is put in force again.
 */
import type { ReloadReport } from '../admin/api.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { type BootError, describeEnd, type WorkerEnd } from '../supervisor/decisions/life.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import type { Code, Supervisor } from '../supervisor/supervisor.ts';
import type { CodeSource, PreparedCode } from './code-source.ts';

/** What a mode does for a reload. */
export interface Replacing {
  /** Whether one worker more may live. Asked again when one is gone. */
  hasRoomForTrial(): boolean;
  /** Code of this generation is in force: the mode replaces all other workers, and calls `rolledOut` when no task meets them any more. */
  changeCode(generation: number): void;
}

interface Version {
  readonly code: Code;
  readonly prepared: PreparedCode;
}

interface Attempt {
  phase: 'trial' | 'rollOut';
  readonly version: Version;
  readonly before: Version;
  readonly worker: SupervisedWorker;
  readonly resolve: (replaced: number) => void;
  readonly reject: (error: unknown) => void;
}

export class Generations {
  readonly #source: CodeSource;
  readonly #supervisor: Pick<Supervisor, 'code' | 'bootTrial' | 'kill'>;
  readonly #replacing: Replacing;
  #current: Version;
  /** The highest that was ever in force: none is used for other code. */
  #latest: number;
  #attempt: Attempt | undefined;
  #running: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;
  #bootError: BootError | undefined;
  #onGone: (() => void) | undefined;
  #closed = false;

  constructor(source: CodeSource, supervisor: Pick<Supervisor, 'code' | 'bootTrial' | 'kill'>, replacing: Replacing) {
    this.#source = source;
    this.#supervisor = supervisor;
    this.#replacing = replacing;
    this.#current = { code: supervisor.code, prepared: source.first };
    this.#latest = supervisor.code.generation;
  }

  /** Of the code in force. */
  get current(): number {
    return this.#current.code.generation;
  }

  get isReloading(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Resolves when no new task meets the old code. One reload at a time: what is asked for meanwhile waits, and then reads the files once for
   * all who wait.
   *
   * @throws PreforkError ERR_RELOAD when the new code does not boot, and the old code serves on; ERR_SHUTTING_DOWN
   */
  async reload(): Promise<ReloadReport> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  /** A worker has booted. Called before it is given a task. */
  ready(worker: SupervisedWorker): void {
    const attempt = this.#attempt;
    if (attempt?.phase !== 'trial' || attempt.worker !== worker) return;
    attempt.phase = 'rollOut';
    this.#latest = attempt.version.code.generation;
    this.#putInForce(attempt.version);
  }

  bootFailed(error: BootError, worker: SupervisedWorker): void {
    this.#bootError = error;
    const attempt = this.#attempt;
    if (attempt?.phase === 'trial' && attempt.worker === worker) attempt.reject(toError(error));
  }

  gone(worker: SupervisedWorker, end: WorkerEnd): void {
    const attempt = this.#attempt;
    if (attempt?.phase === 'trial' && attempt.worker === worker)
      attempt.reject(new PreforkError('ERR_BOOT_EXIT', `the worker that tried it ended: ${describeEnd(end)}`));
    this.#onGone?.();
  }

  /** No new task meets any code but that of this generation. */
  rolledOut(generation: number, replaced: number): void {
    if (this.#attempt?.phase === 'rollOut' && this.current === generation) this.#attempt.resolve(replaced);
  }

  /** Boots fail again and again. */
  bootsPaused(): void {
    const attempt = this.#attempt;
    if (attempt?.phase !== 'rollOut') return;
    this.#putInForce(attempt.before);
    const why = this.#bootError === undefined ? 'further ones did not' : `further ones did not (${this.#bootError.message})`;
    attempt.reject(new PreforkError('ERR_RELOAD', `one worker booted with it, ${why}`));
  }

  close(): void {
    this.#closed = true;
    const attempt = this.#attempt;
    // What it would serve with is not in force.
    if (attempt?.phase === 'trial') this.#supervisor.kill(attempt.worker.id, 'shutdown');
    attempt?.reject(shuttingDown());
    this.#onGone?.();
  }

  #putInForce(version: Version): void {
    this.#current = version;
    this.#supervisor.code = version.code;
    this.#replacing.changeCode(version.code.generation);
  }

  #start(): Promise<ReloadReport> {
    const running = this.#reload().finally(() => {
      this.#running = undefined;
      this.#attempt = undefined;
    });
    this.#running = running;
    return running;
  }

  async #reload(): Promise<ReloadReport> {
    const startedMs = performance.now();
    const generation = this.#latest + 1;
    try {
      this.#mustBeOpen();
      publish({ type: 'server:reloading', generation });
      const replaced = await this.#replace(generation);
      const tookMs = performance.now() - startedMs;
      publish({ type: 'server:reloaded', generation, replaced, tookMs });
      return { generation, replaced, tookMs: Math.round(tookMs) };
    } catch (thrown) {
      const error = toReloadError(thrown);
      publish({ type: 'server:reload-failed', generation: this.current, code: error.code, message: error.message });
      throw error;
    }
  }

  async #replace(generation: number): Promise<number> {
    await this.#keepOldCode();
    const prepared = await this.#source.prepare();
    while (!this.#closed && !this.#replacing.hasRoomForTrial())
      await new Promise<void>((resolve) => {
        this.#onGone = resolve;
      });
    this.#mustBeOpen();
    const version = { code: { generation, typescript: prepared.typescript }, prepared };
    try {
      return await new Promise<number>((resolve, reject) => {
        const worker = this.#supervisor.bootTrial(version.code);
        this.#attempt = { phase: 'trial', version, before: this.#current, worker, resolve, reject };
      });
    } catch (error) {
      throw await prepared.explain(error);
    }
  }

  /** Should the new code not boot, workers that are replaced need the old one, whose files are gone. */
  async #keepOldCode(): Promise<void> {
    const { code, prepared } = this.#current;
    const typescript = (await prepared.freeze()) ?? code.typescript;
    this.#current = { code: { ...code, typescript }, prepared };
    this.#supervisor.code = this.#current.code;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw shuttingDown();
  }
}

function shuttingDown(): PreforkError {
  return new PreforkError('ERR_SHUTTING_DOWN', 'the server is ending, and loads no new code');
}

function toError({ code, message, stack }: BootError): PreforkError {
  return new PreforkError(code, message, stack === '' ? {} : { cause: stack });
}

function toReloadError(thrown: unknown): PreforkError {
  if (thrown instanceof PreforkError && thrown.code === 'ERR_SHUTTING_DOWN') return thrown;
  return new PreforkError('ERR_RELOAD', `the new code does not boot, and the old one serves on: ${messageOf(thrown)}`, {
    cause: thrown,
  });
}
