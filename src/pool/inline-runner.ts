/**
 * Runs calls right in this process, for tests and debuggers: the very code of a worker, with values that are copied as if there were a
 * channel between. All calls begin at once, and one that computes can not be ended.
 */
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { parseDuration } from '../config/duration.ts';
import { ownFile } from '../config/own-file.ts';
import type { Handed } from '../channel/handed.ts';
import type { FromWorker, StartCall, ToWorker } from '../channel/messages.ts';
import { HandedParcels } from '../channel/transport.ts';
import type { PreforkError } from '../errors/prefork-error.ts';
import { deadlineError } from '../modes/task-errors.ts';
import type { BackendFigures, CallBackend, CallListener } from './call-backend.ts';
import { type CallParts, CallTask, type CallWorker } from './call-task.ts';
import type { PoolSettings } from './pool-options.ts';

/** The parts of `worker/` that are used here. Reached by URL, never by import. */
interface LoadModule {
  loadFunctions(entry: string, typescript: string | null, data: string): Promise<LoadedFunctions>;
}
type LoadedFunctions =
  | { readonly ok: true; readonly module: FunctionsModule }
  | { readonly ok: false; readonly failure: { readonly code: 'ERR_HANDLER_LOAD' | 'ERR_HANDLER_INVALID' } & Failure };
interface Failure {
  readonly error: { readonly message: string; readonly stack: string };
}
interface FunctionsModule {
  readonly config: { readonly deadline?: string | number; readonly idempotent?: boolean };
  readonly teardown: () => unknown;
}
interface WorkerCall {
  run(message: StartCall): Promise<void>;
  receiveBody(bytes: Buffer): boolean;
  endBody(): void;
  addCredit(bytes: number): void;
  receiveStream(bytes: Buffer): boolean;
  cancel(): void;
}
interface CallModule {
  readonly Call: new (
    message: StartCall,
    module: FunctionsModule,
    link: { send(message: FromWorker): void; sendLarge(): boolean; readonly handed: Handed },
    onDone: () => void,
  ) => WorkerCall;
}

interface Loaded {
  readonly module: FunctionsModule;
  readonly Call: CallModule['Call'];
}

export interface InlineCode {
  readonly entry: string;
  readonly typescript: string | null;
  readonly functions: string;
}

export class InlineRunner implements CallBackend {
  readonly #listener: CallListener;
  readonly #deadlineIsExplicit: boolean;
  #deadlineMs: number;
  readonly #loading: Promise<Loaded | undefined>;
  #onLoaded: (loaded: Loaded | undefined) => void = () => {};
  #module: FunctionsModule | undefined;
  /** Each with what tells the function that nobody waits for it any more, once it was called. */
  readonly #open = new Map<number, { readonly call: CallTask<CallWorker>; cancel: () => void }>();
  #running = 0;

  constructor({ deadlineMs, deadlineIsExplicit }: PoolSettings, listener: CallListener) {
    this.#deadlineMs = deadlineMs;
    this.#deadlineIsExplicit = deadlineIsExplicit;
    this.#listener = listener;
    this.#loading = new Promise((resolve) => {
      this.#onLoaded = resolve;
    });
  }

  get figures(): BackendFigures {
    return { waiting: this.#open.size - this.#running, running: this.#running, retried: 0, starting: 0, workers: 0 };
  }

  async start({ entry, typescript, functions }: InlineCode): Promise<void> {
    // One after the other: jest fails at two imports at once that have files in common (jest 30, EsmLoader).
    const loader = (await import(ownFile('worker/load-functions.js').href)) as LoadModule;
    const { Call } = (await import(ownFile('worker/call.js').href)) as CallModule;
    const loaded = await loader.loadFunctions(entry, typescript, functions);
    if (!loaded.ok) {
      const { code, error } = loaded.failure;
      this.#listener.onBootFailed({ code, message: error.message, stack: error.stack });
      this.#onLoaded(undefined);
      return;
    }
    this.#module = loaded.module;
    const { deadline } = loaded.module.config;
    if (deadline !== undefined && !this.#deadlineIsExplicit)
      this.#deadlineMs = parseDuration(deadline, "the module's config.deadline", 1);
    this.#listener.onReady(loaded.module.config);
    this.#onLoaded({ module: loaded.module, Call });
  }

  run(parts: CallParts): void {
    const call = new CallTask<CallWorker>(parts);
    const open = { call, cancel: (): void => {} };
    this.#open.set(call.id, open);
    void this.#loading.then((loaded) => {
      if (call.end !== undefined) this.#over(call);
      // Else the pool is broken, and will say so to all of its calls.
      else if (loaded !== undefined) open.cancel = this.#begin(call, loaded);
    });
  }

  giveUp(id: number, reason: unknown): void {
    const open = this.#open.get(id);
    open?.call.fail(reason, 'cancelled');
    open?.cancel();
  }

  /** @returns what tells the function that nobody waits for it any more */
  #begin(call: CallTask<CallWorker>, { module, Call }: Loaded): () => void {
    let running: WorkerCall | undefined;
    const over = (): void => {
      clearTimeout(timer);
      this.#running -= 1;
      this.#over(call);
    };
    const deadlineMs = call.facts.deadlineMs ?? this.#deadlineMs;
    const timer = setTimeout(() => {
      call.fail(deadlineError(deadlineMs));
      running?.cancel();
    }, deadlineMs).unref();
    // Nothing has to go anywhere.
    const handed = new HandedParcels();
    const link = {
      handed,
      sendLarge: () => false,
      send: (message: FromWorker): void => {
        if ('task' in message && message.type !== 'TaskStarted' && message.type !== 'TaskSkipped') call.receive(message);
      },
    };
    this.#running += 1;
    const worker: CallWorker = {
      handed,
      sendLarge: () => false,
      send(message: ToWorker): void {
        if (message.type === 'StartCall') {
          running = new Call(message, module, link, over);
          // Arguments that were encoded a moment ago: begun is said first, as over a channel.
          void Promise.resolve().then(() => running?.run(message));
        } else if (message.type === 'Body') running?.receiveBody(message.bytes);
        else if (message.type === 'BodyEnd') void Promise.resolve().then(() => running?.endBody());
        else if (message.type === 'Credit') running?.addCredit(message.bytes);
        else if (message.type === 'Stream') running?.receiveStream(message.bytes);
      },
    };
    call.send(worker, 0, false);
    call.begin(performance.now());
    return () => running?.cancel();
  }

  #over(call: CallTask<CallWorker>): void {
    if (this.#open.delete(call.id)) this.#listener.onEnded(call);
  }

  async close(): Promise<void> {
    const module = this.#module;
    this.#module = undefined;
    await module?.teardown();
  }

  force(error: () => PreforkError): void {
    for (const { call } of this.#open.values()) {
      call.fail(error());
      this.#over(call);
    }
  }
}
