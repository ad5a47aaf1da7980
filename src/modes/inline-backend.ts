/**
 * Runs the handler in the process that holds the client's socket, on the very request and response of node:http: mode
 * blocking, and each worker of mode cluster. Nothing can stop a handler here that does not let the event loop turn; that
 * is what the other modes are for.
 */
import { performance } from 'node:perf_hooks';
import type { HandlerConfig, TunnelKind } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import type { Connection } from '../http/connection.ts';
import { newIncidentId } from '../errors/incident-id.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { Backend } from '../http/backend.ts';
import type { Exchange } from '../http/exchange.ts';
import type { BackendFacts } from './dispatcher-facts.ts';
import { type HandlerRules, readHandlerConfig } from './handler-rules.ts';
import { addOwnHeaders } from './own-headers.ts';
import { RunningTasks } from './running-tasks.ts';
import { handlerThrewHere, InlineTunnels } from './inline-tunnels.ts';
import type { InlineWorker, LoadedHandler } from './inline-worker.ts';
import { deadlineError } from './task-errors.ts';
import { WakeTimer } from './wake-timer.ts';

type Module = Extract<LoadedHandler, { ok: true }>['module'];

export interface InlineListener {
  /** The first deadline of the running tasks, in ms from now, or undefined when none runs. */
  onNextDeadline?(inMs: number | undefined): void;
  /** What runs for longest is another one from now on, or nothing. */
  onOldest?(oldest: Exchange | undefined): void;
  onTaskStarted?(): void;
  /** `running` is what is left. */
  onTaskEnded?(running: number): void;
  /** The id that an incident of this task has. Default a random one. */
  incidentOf?(exchange: Exchange): string;
  /** The client was answered with an error that names the incident. */
  onDeadlinePassed?(exchange: Exchange, incident: string): void;
  /** The head of an answer is about to be written. */
  onHead?(): void;
  /** Calls the handler; what comes before and after is the mode's business. */
  callHandler?(call: () => unknown): unknown;
}

export class InlineBackend implements Backend {
  readonly #worker: InlineWorker;
  readonly #settings: Settings;
  readonly #typescript: string | null;
  readonly #listener: InlineListener;
  readonly #running = new RunningTasks();
  /** One for all tasks, since all have the same deadline. What listens keeps the event loop alive; whoever asks what does is to find what the handler waits for. */
  readonly #timer = new WakeTimer(() => this.#expire());
  readonly #tunnels: InlineTunnels;
  readonly #onHead: () => void;
  #module: Module | undefined;
  #rules: HandlerRules;

  constructor(worker: InlineWorker, settings: Settings, typescript: string | null, listener: InlineListener) {
    this.#worker = worker;
    this.#settings = settings;
    this.#typescript = typescript;
    this.#listener = listener;
    this.#onHead = () => listener.onHead?.();
    this.#rules = readHandlerConfig({}, settings);
    this.#tunnels = new InlineTunnels((call) => this.#callHandler(call));
  }

  /** @throws PreforkError when the handler can not be loaded */
  async start(): Promise<void> {
    const loaded = await this.#worker.loadHandler(this.#settings.entry, this.#typescript);
    if (!loaded.ok) {
      const { code, error } = loaded.failure;
      throw new PreforkError(code, error.message, { cause: error.stack });
    }
    this.#module = loaded.module;
    this.#rules = readHandlerConfig(loaded.module.config, this.#settings);
  }

  /** What the handler exports as its `config`; empty until it is loaded. */
  get config(): HandlerConfig {
    return this.#module?.config ?? {};
  }

  /** Nothing is loaded anew here: it calls back once. */
  onTakes(callback: (kinds: readonly TunnelKind[]) => void): void {
    callback(this.#rules.takes);
  }

  run(exchange: Exchange): void {
    if (exchange.connection !== undefined) {
      this.#hold(exchange, exchange.connection);
      return;
    }
    const { deadlineMs } = this.#rules;
    exchange.start(process.pid);
    addOwnHeaders(exchange, this.#onHead);
    const nowMs = performance.now();
    this.#running.add(exchange, nowMs + deadlineMs);
    exchange.response.once('close', () => this.#end(exchange));
    if (this.#running.size === 1) {
      this.#listener.onOldest?.(exchange);
      this.#tellDeadline(nowMs);
    }
    this.#timer.set(nowMs + deadlineMs, nowMs);
    this.#listener.onTaskStarted?.();
    this.#call(exchange);
  }

  /** Those that are past their deadline are answered, and go on until they end by themselves. */
  #expire(): void {
    const nowMs = performance.now();
    for (const exchange of this.#running.takeOverdue(nowMs)) {
      const incident = this.#listener.incidentOf?.(exchange) ?? newIncidentId();
      exchange.fail(deadlineError(this.#rules.deadlineMs, incident));
      this.#listener.onDeadlinePassed?.(exchange, incident);
    }
    this.#timer.set(this.#running.nextDueMs, nowMs);
  }

  /** node:http has told the handler already. */
  abandon(exchange: Exchange): void {
    this.#end(exchange);
  }

  async close(): Promise<void> {
    try {
      await this.#module?.teardown();
    } catch (error) {
      process.stderr.write(`teardown() failed: ${messageOf(error)}\n`);
    }
    this.#timer.close();
    await this.#tunnels.close();
  }

  #hold(exchange: Exchange, connection: Connection): void {
    const kind = exchange.request.method === 'CONNECT' ? 'connect' : 'upgrade';
    const handle = this.#module?.tunnels[kind];
    if (handle === undefined) {
      connection.close();
      return;
    }
    exchange.response.once('close', () => this.#listener.onTaskEnded?.(this.#running.size));
    if (this.#tunnels.run(exchange, connection, handle)) this.#listener.onTaskStarted?.();
  }

  /** What goes on here without a client can not be told from what has ended. */
  readonly detachedCount = 0;

  force(): void {}

  readonly unready = undefined;

  /** Who runs the handler is no worker of this process. */
  facts(): BackendFacts {
    return {
      workers: [],
      queue: { depth: 0, limit: 0, oldestMs: 0 },
      lanes: null,
      // Here nothing is loaded anew.
      generation: 1,
      isReloading: false,
    };
  }

  #call(exchange: Exchange): void {
    const { request, response } = exchange;
    try {
      const outcome = this.#callHandler(() => this.#module?.handle(request, response));
      if (isThenable(outcome)) void this.#await(exchange, outcome);
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  async #await(exchange: Exchange, outcome: PromiseLike<unknown>): Promise<void> {
    try {
      await outcome;
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #fail(exchange: Exchange, error: unknown): void {
    if (exchange.response.writableEnded) process.stderr.write(`${error instanceof Error ? String(error.stack) : ''}\n`);
    exchange.fail(handlerThrewHere(error, exchange.id));
  }

  #callHandler(call: () => unknown): unknown {
    return this.#listener.callHandler === undefined ? call() : this.#listener.callHandler(call);
  }

  #end(exchange: Exchange): void {
    const { oldest } = this.#running;
    if (!this.#running.delete(exchange)) return;
    if (oldest === exchange) {
      this.#listener.onOldest?.(this.#running.oldest);
      this.#tellDeadline(performance.now());
    }
    this.#listener.onTaskEnded?.(this.#running.size);
  }

  #tellDeadline(nowMs: number): void {
    const { deadlineAtMs } = this.#running;
    this.#listener.onNextDeadline?.(deadlineAtMs === undefined ? undefined : deadlineAtMs - nowMs);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
