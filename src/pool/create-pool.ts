/**
 * The door of this room, which runs functions of a module in workers. It owns the calls of one pool from the caller's promise to a
 * worker and back; who runs where is the scheduler's business, and life and death of the workers the supervisor's. It runs in the primary
 * and calls no function of the module, but with `inline`. Whatever fails rejects the promise of a call, or that of `ready`.
 */
import { performance } from 'node:perf_hooks';
import { AsyncResource } from 'node:async_hooks';
import type { FoundStream } from '../channel/crossing.ts';
import { type ErrorClasses, errorClasses } from '../channel/revive.ts';
import { StreamReceiver } from '../channel/stream-receiver.ts';
import { encodeFewNumbers, type EncodedValue } from '../channel/value.ts';
import { prepareEntry } from '../compile/prepare.ts';
import { resolveEntry } from '../config/entry.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { AbortListener } from './abort-listener.ts';
import { CallStreams } from './call-streams.ts';
import { factsOf } from './call-facts.ts';
import { idempotenceOf } from './call-policy.ts';
import type { EndedCall } from './call-task.ts';
import { encodeExplained } from './encode-explained.ts';
import type { Arguments, Calls, FunctionName, Item, Result, StreamName, Streams } from './functions.ts';
import { joinStack } from './join-stack.ts';
import { KeepAlive } from './keep-alive.ts';
import { Place, type PreparedModule } from './place.ts';
import { type Isolation, type PoolOptions, type PoolSettings, readPoolOptions } from './pool-options.ts';
import { CallCounts, type PoolStats } from './pool-stats.ts';
import { type CallStream, ResultStream } from './result-stream.ts';
import { NO_OPTIONS, readRunOptions, type RunOptions, type RunSettings } from './run-options.ts';

/** A pool of workers that run the functions of a module. */
export interface Pool<Module> extends AsyncDisposable {
  /** The functions of the module: `await pool.call.isPrime(7)`. Each rejects as `run` does. */
  readonly call: Calls<Module>;
  /**
   * The same with options. The arguments are copied now. Rejects with what the function threw, with `signal.reason`, or with a PreforkError:
   * ERR_BAD_OPTION, ERR_NOT_CLONEABLE, ERR_TOO_LARGE, ERR_NO_SUCH_FUNCTION, ERR_QUEUE_FULL, ERR_QUEUE_TIMEOUT, ERR_DEADLINE, ERR_WORKER_DIED,
   * ERR_SHUTTING_DOWN, and, when the module does not load, ERR_ENTRY_NOT_FOUND, ERR_HANDLER_LOAD,
   * ERR_HANDLER_INVALID, ERR_BOOT_EXIT, ERR_BOOT_TIMEOUT.
   *
   * @param name an exported function
   * @param args its arguments
   */
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): Promise<Result<Module[Name]>>;
  /** The functions of the module that yield values: `for await (const factor of pool.stream.factors(n))`. */
  readonly stream: Streams<Module>;
  /**
   * The same with options. What `run` would reject with is thrown by the loop, after the values that came before, and ERR_NO_STREAM when the function returned
   * none. The deadline is that of the whole stream, its reader's time included.
   *
   * @param name an exported function
   * @param args its arguments
   */
  runStream<Name extends StreamName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): CallStream<Item<Module[Name]>>;
  /** Resolves when the first worker has loaded the module; rejects with the reason when it could not. */
  readonly ready: Promise<void>;
  /** Resolves as soon as no call waits or runs; never rejects. */
  readonly drained: Promise<void>;
  /** How many workers and calls there are, and how long calls wait and run. */
  stats(): PoolStats;
  /**
   * Takes no more calls, finishes those that it has, runs `teardown()` and ends the workers. With `force` the calls are rejected with
   * ERR_SHUTTING_DOWN and the workers ended now. Safe to call again. A program that just ends need not call it; then no
   * `teardown()` runs.
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
 * @param entry the module: a `file:` URL, or a path relative to the working directory. Where `primes.ts` is not there, `primes.js` beside it is taken, and the
 * other way. One that does not load rejects `ready` and every call, with its path and the reason
 * @throws PreforkError ERR_BAD_OPTION
 */
export function createPool<Module extends object>(entry: string | URL, options: PoolOptions = {}): Pool<Module> {
  return new FunctionPool<Module>(entry, readPoolOptions(options), options);
}

const MOST_DATA_BYTES = 512 * 1024;
const LONGEST_NAME = 1000;

class FunctionPool<Module extends object> implements Pool<Module> {
  readonly call: Calls<Module>;
  readonly stream: Streams<Module>;
  readonly #settings: PoolSettings;
  readonly #options: PoolOptions;
  readonly #module: Promise<PreparedModule>;
  /** The pool's own place first. */
  readonly #places = new Map<Isolation, Place>();
  readonly #own: Place;
  readonly #errors: ErrorClasses;
  readonly #counts = new CallCounts();
  readonly #keepAlive = new KeepAlive();
  readonly #onSettled = new Set<() => void>();
  /** Of calls that say nothing of it. */
  #retries: number;
  #open = 0;
  #lastId = 0;
  #closing: Promise<void> | undefined;

  constructor(entry: string | URL, settings: PoolSettings, options: PoolOptions) {
    this.#settings = settings;
    this.#options = options;
    // A bundler may have given the class another name.
    this.#errors = errorClasses(options.errors).set('PreforkError', PreforkError);
    this.#retries = retriesOf(settings, undefined);
    this.#module = prepareModule(entry, encodeData(options.workerData));
    this.#own = this.#placeFor(settings.isolation);
    this.call = makeCalls((name, args) => this.#run(name, args)) as Calls<Module>;
    this.stream = makeCalls((name, args) => this.#stream(name, args)) as Streams<Module>;
  }

  /** Whoever asks for another isolation than the pool's own gets workers of that kind, which are there for as long as they are used. */
  #placeFor(isolation: Isolation | undefined): Place {
    if (isolation === undefined) return this.#own;
    const known = this.#places.get(isolation);
    if (known !== undefined) return known;
    const settings = this.#settings;
    const { env, execArgv, cwd } = this.#options;
    const place = new Place({
      settings: isolation === settings.isolation ? settings : besides(settings, isolation),
      module: this.#module,
      spawnOptions: { env, execArgv, cwd },
      isWanted: () => this.#closing === undefined || this.#open > 0,
      onConfig: (config) => {
        this.#retries = retriesOf(settings, idempotenceOf(config));
      },
      onEnded: (call) => this.#onEnded(call),
    });
    this.#places.set(isolation, place);
    return place;
  }

  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): Promise<Result<Module[Name]>> {
    return this.#run(name, args, options) as Promise<Result<Module[Name]>>;
  }

  #run(name: string, args: readonly unknown[], options?: RunOptions): Promise<unknown> {
    if (options !== undefined) return this.#runWith(name, args, options);
    try {
      return this.#begin(name, args, NO_OPTIONS).catch(rethrow);
    } catch (error) {
      return rejected(error);
    }
  }

  async #runWith(name: string, args: readonly unknown[], options: RunOptions): Promise<unknown> {
    try {
      return await this.#begin(name, args, readRunOptions(options));
    } catch (error) {
      // The reason of a signal is the caller's own.
      if (error !== options.signal?.reason) joinStack(error);
      throw error;
    }
  }

  #begin(name: string, args: readonly unknown[], settings: RunSettings): Promise<unknown> {
    const place = this.#admit(name, args, settings);
    const few = settings.given === undefined ? encodeFewNumbers(args) : undefined;
    if (few !== undefined) return this.#send(place, name, few, undefined, settings);
    const inputs: FoundStream[] = [];
    const encoded = encodeExplained(args, 'args', { given: settings.given, shares: place.shares, streams: inputs });
    // Nearly all calls have none.
    const streams = inputs.length === 0 ? undefined : new CallStreams(inputs, undefined);
    return this.#send(place, name, encoded, streams, settings);
  }

  runStream<Name extends StreamName<Module>>(
    name: Name,
    args: Arguments<Module[Name]>,
    options?: RunOptions,
  ): CallStream<Item<Module[Name]>> {
    return this.#stream(name, args, options) as CallStream<Item<Module[Name]>>;
  }

  /** The arguments are copied now, and the call begins when its first value is asked for. */
  #stream(name: string, args: readonly unknown[], options?: RunOptions): ResultStream {
    const receiver = new StreamReceiver(0);
    try {
      const settings = options === undefined ? NO_OPTIONS : readRunOptions(options);
      const place = this.#admit(name, args, settings);
      const inputs: FoundStream[] = [];
      const encoded = encodeExplained(args, 'args', { given: settings.given, shares: place.shares, streams: inputs });
      const streams = new CallStreams(inputs, receiver);
      const start = (): Promise<unknown> => this.#send(this.#admit(name, args, settings), name, encoded, streams, settings);
      return new ResultStream(receiver, streams, start, settings.signal);
    } catch (error) {
      receiver.fail(error);
      return new ResultStream(receiver, undefined, () => Promise.resolve(), undefined);
    }
  }

  #send(
    place: Place,
    name: string,
    args: EncodedValue,
    streams: CallStreams | undefined,
    settings: RunSettings,
  ): Promise<unknown> {
    const { signal, onReport } = settings;
    const retries = retriesOf(settings, this.#retries > 0, this.#retries);
    if (signal?.aborted === true) {
      this.#counts.refuse('cancelled');
      throw signal.reason;
    }
    return new Promise((resolve, reject) => {
      this.#open += 1;
      this.#keepAlive.hold();
      const id = this.#nextId();
      const abort = signal === undefined ? undefined : new AbortListener(signal, (reason) => place.backend.giveUp(id, reason));
      // A call can be settled in the middle of this, but no signal can abort.
      place.backend.run({
        id,
        name,
        args,
        streams,
        errors: this.#errors,
        resolve,
        reject,
        abort,
        // In the asynchronous context of the caller, and not in that of the channel.
        onReport: onReport === undefined ? undefined : AsyncResource.bind(onReport),
        nowMs: performance.now(),
        facts: factsOf(name, args, streams, settings, retries),
      });
      if (streams !== undefined) streams.giveUp = (reason) => place.backend.giveUp(id, reason);
    });
  }

  /**
   * @returns where the call is to run
   * @throws PreforkError for a call that can't be one
   */
  #admit(name: unknown, args: unknown, { isolation }: RunSettings): Place {
    if (this.#closing !== undefined) throw new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed');
    if (typeof name !== 'string' || name.length > LONGEST_NAME)
      throw new PreforkError('ERR_NO_SUCH_FUNCTION', `name: found ${typeof name}, expected the name of an exported function`);
    if (!Array.isArray(args))
      throw new PreforkError('ERR_BAD_OPTION', `args: found ${typeof args}, expected a list: run('name', [a, b])`);
    const place = this.#placeFor(isolation);
    place.check();
    return place;
  }

  /** A task has 31 bits on the channel, and none is 0. */
  #nextId(): number {
    this.#lastId = (this.#lastId % 0x7fff_fffe) + 1;
    return this.#lastId;
  }

  get ready(): Promise<void> {
    return this.#held(this.#own.ready);
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
    return this.#counts.stats(
      this.#settings.isolation,
      [...this.#places.values()].map(({ backend }) => backend.figures),
    );
  }

  close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#held(this.#close());
    if (force) {
      for (const { backend } of this.#places.values())
        backend.force(() => new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed by force'));
    }
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.drained;
    await Promise.all([...this.#places.values()].map((place) => place.close()));
    this.#keepAlive.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The call is settled, and its worker is free or gone. */
  #onEnded(call: EndedCall): void {
    this.#counts.count(call);
    call.streams?.close();
    this.#open -= 1;
    this.#keepAlive.release();
    if (this.#open > 0) return;
    for (const resolve of this.#onSettled) resolve();
    this.#onSettled.clear();
  }
}

async function prepareModule(entry: string | URL, functions: string): Promise<PreparedModule> {
  const path = await resolveEntry(entry, process.cwd());
  return { entry: path, prepared: await prepareEntry(path), functions };
}

/** How often a call may be started again: what is said of it itself goes before what is said of all. */
function retriesOf(
  { idempotent, retries }: Pick<RunSettings, 'idempotent' | 'retries'>,
  otherwise: boolean | undefined,
  most = 1,
): number {
  if (idempotent === false) return 0;
  if (retries !== undefined) return retries;
  return idempotent === true || otherwise === true ? Math.max(1, most) : 0;
}

/** Workers beside the pool's own are there when they are asked for: of those that are used up, some are booted ahead from then on. */
function besides(settings: PoolSettings, isolation: Isolation): PoolSettings {
  return { ...settings, isolation, min: 0, spares: isolation === 'fresh' ? settings.spares : 0 };
}

async function rejected(error: unknown): Promise<never> {
  return rethrow(error);
}

/** V8 knows who awaits the promise that this is to settle. */
function rethrow(error: unknown): never {
  joinStack(error);
  throw error;
}

function makeCalls(run: (name: string, args: readonly unknown[]) => unknown): object {
  const known = new Map<string, (...args: readonly unknown[]) => unknown>();
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

/** @throws PreforkError ERR_NOT_CLONEABLE, or ERR_BAD_OPTION when it is too large */
function encodeData(workerData: unknown): string {
  const { pieces, byteLength } = encodeExplained(workerData, 'workerData');
  if (byteLength > MOST_DATA_BYTES) {
    const expected = `expected at most ${MOST_DATA_BYTES}: have setup() read what is large`;
    throw new PreforkError('ERR_BAD_OPTION', `workerData: found ${byteLength} bytes, ${expected}`);
  }
  return Buffer.concat(pieces).toString('base64');
}
