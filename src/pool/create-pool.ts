/**
 * The door of this room, which runs functions of a module in workers. It owns the calls of one pool from the caller's promise to a
 * worker and back; who runs where is the scheduler's business, and life and death of the workers the supervisor's. It runs in the primary
 * and calls no function of the module, but with `inline`. Whatever fails rejects the promise of a call, or that of `ready`.
 */
import { UncloneableError } from '../channel/crossing.ts';
import type { HandlerConfig } from '../channel/messages.ts';
import { encodeValue } from '../channel/value.ts';
import { explainLoad } from '../compile/explain-load.ts';
import { type Prepared, prepareEntry } from '../compile/prepare.ts';
import { resolveEntry } from '../config/entry.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { BootError } from '../supervisor/decisions/life.ts';
import { ProcessSpawner } from '../supervisor/spawn-process.ts';
import { ThreadSpawner } from '../supervisor/spawn-thread.ts';
import type { CallBackend, CallListener } from './call-backend.ts';
import { CallRunner } from './call-runner.ts';
import { type EndedCall, isLarge } from './call-task.ts';
import { forwardOutput } from './forward-output.ts';
import type { Arguments, Calls, FunctionName, Result } from './functions.ts';
import { InlineRunner } from './inline-runner.ts';
import { joinStack } from './join-stack.ts';
import { KeepAlive } from './keep-alive.ts';
import { type PoolOptions, type PoolSettings, readPoolOptions } from './pool-options.ts';
import { CallCounts, type PoolStats } from './pool-stats.ts';
import { type ErrorClasses, errorClasses } from './revive.ts';
import { NO_OPTIONS, readRunOptions, type RunOptions, type RunSettings } from './run-options.ts';

/** A pool of workers that run the functions of a module. */
export interface Pool<Module> extends AsyncDisposable {
  /** The functions of the module: `await pool.call.isPrime(7)`. */
  readonly call: Calls<Module>;
  /** The same with options. Rejects with what the function threw, with `signal.reason`, or with a PreforkError. */
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): Promise<Result<Module[Name]>>;
  /** Resolves when the first worker has loaded the module; rejects with the reason when it could not. */
  readonly ready: Promise<void>;
  /** Resolves as soon as no call waits or runs. */
  readonly drained: Promise<void>;
  stats(): PoolStats;
  /**
   * Takes no more calls, finishes those that it has, runs `teardown()` and ends the workers. With `force` the calls are rejected with
   * ERR_SHUTTING_DOWN and the workers ended now. Safe to call again.
   */
  close(options?: { readonly force?: boolean }): Promise<void>;
}

/**
 * Makes a pool of workers for a module of functions, TypeScript too. The first worker is booted at once; calls may come before it is
 * there. An open pool keeps no process alive, a call that waits or runs does.
 *
 *     await using pool = createPool<typeof import('./primes.ts')>(new URL('./primes.ts', import.meta.url));
 *     await pool.call.isPrime(29355126551);
 *
 * @param entry a `file:` URL, or a path relative to the working directory
 * @throws PreforkError ERR_BAD_OPTION
 */
export function createPool<Module extends object>(entry: string | URL, options: PoolOptions = {}): Pool<Module> {
  return new FunctionPool<Module>(entry, readPoolOptions(options), options);
}

const MOST_DATA_BYTES = 512 * 1024;
const LONGEST_NAME = 1000;

class FunctionPool<Module extends object> implements Pool<Module>, CallListener {
  readonly call: Calls<Module>;
  readonly #settings: PoolSettings;
  readonly #options: PoolOptions;
  readonly #backend: CallBackend;
  readonly #errors: ErrorClasses;
  readonly #counts = new CallCounts();
  readonly #keepAlive = new KeepAlive();
  readonly #ready: Promise<void>;
  readonly #onSettled = new Set<() => void>();
  #prepared: Prepared | undefined;
  #settleReady: (error?: Error) => void = () => {};
  #state: 'starting' | 'ready' | 'closing' | 'broken' = 'starting';
  /** Why no worker can be had. */
  #broken: PreforkError | undefined;
  #idempotent: boolean;
  #open = 0;
  #lastId = 0;
  #closing: Promise<void> | undefined;

  constructor(entry: string | URL, settings: PoolSettings, options: PoolOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#errors = errorClasses(options.errors);
    this.#idempotent = settings.idempotent ?? false;
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Whoever does not ask for it learns of it by the calls.
    this.#ready.catch(() => {});
    const functions = encodeData(options.workerData);
    const backend =
      settings.isolation === 'inline' ? new InlineRunner(settings.deadlineMs, this) : new CallRunner(settings, this);
    this.#backend = backend;
    this.#start(entry, functions, backend).catch((error: unknown) => this.#break(error));
    const run = (name: string, args: readonly unknown[]): Promise<unknown> => this.#run(name, args);
    this.call = makeCalls(run) as Calls<Module>;
  }

  async #start(entry: string | URL, functions: string, backend: CallRunner | InlineRunner): Promise<void> {
    const path = await resolveEntry(entry, process.cwd());
    const prepared = await prepareEntry(path);
    this.#prepared = prepared;
    // Calls that came before the end are still to be run.
    if (this.#state === 'closing' && this.#open === 0) return;
    const code = { entry: path, typescript: prepared.manifest, functions };
    if (backend instanceof InlineRunner) {
      await backend.start(code);
      return;
    }
    const { env, execArgv, cwd } = this.#options;
    const spawnOptions = { env, execArgv, cwd, keepsAlive: false, sharesMemory: true };
    const { isolation, maxMemoryBytes } = this.#settings;
    const spawner = isolation === 'thread' ? new ThreadSpawner(maxMemoryBytes, spawnOptions) : new ProcessSpawner(spawnOptions);
    backend.start({ spawner: forwardOutput(spawner), ...code });
  }

  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): Promise<Result<Module[Name]>> {
    return this.#run(name, args, options) as Promise<Result<Module[Name]>>;
  }

  /** Async, so that V8 knows who awaits it when it comes to an error. */
  async #run(name: string, args: readonly unknown[], options?: RunOptions): Promise<unknown> {
    try {
      return await this.#begin(name, args, options === undefined ? NO_OPTIONS : readRunOptions(options));
    } catch (error) {
      // The reason of a signal is the caller's own.
      if (error !== options?.signal?.reason) joinStack(error);
      throw error;
    }
  }

  #begin(name: string, args: readonly unknown[], settings: RunSettings): Promise<unknown> {
    const { signal, onReport } = settings;
    this.#refuse(name, args);
    if (signal?.aborted === true) {
      this.#counts.refuse('cancelled');
      throw signal.reason;
    }
    const encoded = encodeArguments(args, settings.given);
    return new Promise((resolve, reject) => {
      this.#open += 1;
      this.#keepAlive.hold();
      const onAbort = (): void => giveUp(signal?.reason);
      const settle = (tell: (outcome: unknown) => void) => (outcome: unknown) => {
        signal?.removeEventListener('abort', onAbort);
        tell(outcome);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      // A call can be settled in the middle of this, but no signal can abort.
      const giveUp = this.#backend.run({
        id: this.#nextId(),
        name,
        args: encoded,
        errors: this.#errors,
        resolve: signal === undefined ? resolve : settle(resolve),
        reject: signal === undefined ? reject : settle(reject),
        onReport,
        nowMs: performance.now(),
        facts: {
          key: settings.key ?? name,
          client: '',
          weight: 1,
          priority: settings.priority,
          restartable: settings.idempotent ?? this.#idempotent,
          hasBody: isLarge(encoded),
          ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
        },
      });
    });
  }

  /** @throws PreforkError for a call that can't be one */
  #refuse(name: unknown, args: unknown): void {
    if (this.#broken !== undefined) throw copyOf(this.#broken);
    if (this.#state === 'closing') throw new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed');
    if (typeof name !== 'string' || name.length > LONGEST_NAME)
      throw new PreforkError('ERR_NO_SUCH_FUNCTION', `name: found ${typeof name}, expected the name of an exported function`);
    if (!Array.isArray(args))
      throw new PreforkError('ERR_BAD_OPTION', `args: found ${typeof args}, expected a list: run('name', [a, b])`);
  }

  /** A task has 31 bits on the channel, and none is 0. */
  #nextId(): number {
    this.#lastId = (this.#lastId % 0x7fff_fffe) + 1;
    return this.#lastId;
  }

  get ready(): Promise<void> {
    return this.#held(this.#ready);
  }

  get drained(): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.add(resolve));
  }

  async #held<T>(promise: Promise<T>): Promise<T> {
    this.#keepAlive.hold();
    try {
      return await promise;
    } finally {
      this.#keepAlive.release();
    }
  }

  stats(): PoolStats {
    return this.#counts.stats(this.#settings.isolation, this.#backend.figures);
  }

  close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#held(this.#close());
    if (force) this.#backend.force(() => new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed by force'));
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#state = 'closing';
    await this.drained;
    await this.#backend.close();
    this.#settleReady(new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed'));
    this.#keepAlive.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // From the workers

  onReady(config: HandlerConfig): void {
    this.#idempotent = this.#settings.idempotent ?? config.idempotent ?? false;
    if (this.#state === 'starting') this.#state = 'ready';
    this.#settleReady();
  }

  /** The first worker shows whether the module can be loaded. When it could once, the supervisor goes on trying. */
  onBootFailed({ code, message, stack }: BootError): void {
    if (this.#state !== 'starting') return;
    void this.#explain(new PreforkError(code, message, stack === '' ? {} : { cause: stack }));
  }

  async #explain(error: PreforkError): Promise<void> {
    this.#state = 'broken';
    this.#break(this.#prepared === undefined ? error : await explainLoad(error, this.#prepared));
  }

  #break(error: unknown): void {
    const broken =
      error instanceof PreforkError ? error : new PreforkError('ERR_HANDLER_LOAD', messageOf(error), { cause: error });
    this.#broken = broken;
    this.#settleReady(broken);
    this.#backend.force(() => copyOf(broken));
  }

  onEnded(call: EndedCall): void {
    this.#counts.count(call);
    this.#open -= 1;
    this.#keepAlive.release();
    if (this.#open > 0) return;
    for (const resolve of this.#onSettled) resolve();
    this.#onSettled.clear();
  }
}

/** Each caller gets an error of its own, with a stack of its own. */
function copyOf({ code, message, cause }: PreforkError): PreforkError {
  return new PreforkError(code, message, cause === undefined ? {} : { cause });
}

function makeCalls(run: (name: string, args: readonly unknown[]) => Promise<unknown>): object {
  const known = new Map<string, (...args: readonly unknown[]) => Promise<unknown>>();
  return new Proxy(Object.create(null) as object, {
    get(_, name) {
      // A promise that resolves with this object asks for `then`.
      if (typeof name !== 'string' || name === 'then') return undefined;
      let call = known.get(name);
      if (call === undefined) {
        call = (...args) => run(name, args);
        known.set(name, call);
      }
      return call;
    },
  });
}

/** @throws PreforkError ERR_NOT_CLONEABLE */
function encodeArguments(args: readonly unknown[], given?: ReadonlySet<ArrayBuffer>): ReturnType<typeof encodeValue> {
  return explained(() => encodeValue(args, 'args', given));
}

/** @throws PreforkError ERR_NOT_CLONEABLE, or ERR_BAD_OPTION when it is too large */
function encodeData(workerData: unknown): string {
  const { pieces, byteLength } = explained(() => encodeValue(workerData, 'workerData'));
  if (byteLength > MOST_DATA_BYTES) {
    const expected = `expected at most ${MOST_DATA_BYTES}: have setup() read what is large`;
    throw new PreforkError('ERR_BAD_OPTION', `workerData: found ${byteLength} bytes, ${expected}`);
  }
  return Buffer.concat(pieces).toString('base64');
}

function explained<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (error instanceof UncloneableError) throw new PreforkError('ERR_NOT_CLONEABLE', error.message);
    throw error;
  }
}
