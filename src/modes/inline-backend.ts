/**
 * Runs the handler in the process that holds the client's socket, on the very request and response of node:http: mode
 * blocking, and each worker of mode cluster. Nothing can stop a handler here that does not let the event loop turn; that
 * is what the other modes are for.
 */
import type { ServerResponse } from 'node:http';
import type { HandlerConfig, TunnelKind } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import type { Connection } from '../http/connection.ts';
import { newIncidentId } from '../errors/incident-id.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { Backend } from '../http/backend.ts';
import type { Exchange } from '../http/exchange.ts';
import type { BackendFacts } from './dispatcher-facts.ts';
import { type HandlerRules, readHandlerConfig } from './handler-rules.ts';
import { handlerThrewHere, InlineTunnels } from './inline-tunnels.ts';
import type { InlineWorker, LoadedHandler } from './inline-worker.ts';
import { deadlineError } from './task-errors.ts';

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
  /** Tasks that run, first started first, with the time at which their deadline passes. All have the same deadline. */
  readonly #running = new Map<Exchange, { readonly deadlineAtMs: number; readonly timer: NodeJS.Timeout }>();
  readonly #tunnels: InlineTunnels;
  #module: Module | undefined;
  #rules: HandlerRules;

  constructor(worker: InlineWorker, settings: Settings, typescript: string | null, listener: InlineListener) {
    this.#worker = worker;
    this.#settings = settings;
    this.#typescript = typescript;
    this.#listener = listener;
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
    addOwnHeaders(exchange, () => this.#listener.onHead?.());
    const timer = setTimeout(() => {
      const incident = this.#listener.incidentOf?.(exchange) ?? newIncidentId();
      exchange.fail(deadlineError(deadlineMs, incident));
      this.#listener.onDeadlinePassed?.(exchange, incident);
    }, deadlineMs);
    // What listens keeps the event loop alive. Whoever asks what does is to find what the handler waits for.
    timer.unref();
    this.#running.set(exchange, { deadlineAtMs: performance.now() + deadlineMs, timer });
    exchange.response.once('close', () => this.#end(exchange));
    if (this.#running.size === 1) this.#listener.onOldest?.(exchange);
    this.#tellDeadline();
    this.#listener.onTaskStarted?.();
    void this.#call(exchange);
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
      // Here nothing is loaded anew.
      generation: 1,
      isReloading: false,
    };
  }

  async #call(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const call = (): unknown => this.#module?.handle(request, response);
    try {
      await this.#callHandler(call);
    } catch (error) {
      if (response.writableEnded) process.stderr.write(`${error instanceof Error ? String(error.stack) : ''}\n`);
      exchange.fail(handlerThrewHere(error, exchange.id));
    }
  }

  #callHandler(call: () => unknown): unknown {
    return this.#listener.callHandler === undefined ? call() : this.#listener.callHandler(call);
  }

  #end(exchange: Exchange): void {
    const task = this.#running.get(exchange);
    if (task === undefined) return;
    clearTimeout(task.timer);
    const [oldest] = this.#running.keys();
    this.#running.delete(exchange);
    if (oldest === exchange) this.#listener.onOldest?.(this.#running.keys().next().value);
    this.#tellDeadline();
    this.#listener.onTaskEnded?.(this.#running.size);
  }

  #tellDeadline(): void {
    const [first] = this.#running.values();
    this.#listener.onNextDeadline?.(first === undefined ? undefined : first.deadlineAtMs - performance.now());
  }
}

/** Adds our headers when the head is written. An own property: frameworks replace the prototype of the response. */
function addOwnHeaders(exchange: Exchange, onHead: () => void): void {
  const { response } = exchange;
  const writeHead = response.writeHead.bind(response) as (...parameters: unknown[]) => ServerResponse;
  response.writeHead = (...parameters: unknown[]): ServerResponse => {
    onHead();
    // An error that ended the exchange brings them along.
    if (exchange.isOver) return writeHead(...parameters);
    const own = exchange.ownHeaders();
    const given = parameters.at(-1);
    if (Array.isArray(given)) return writeHead(...parameters.slice(0, -1), withOwn(given, own));
    for (let index = 0; index < own.length; index += 2) response.setHeader(own[index] ?? '', own[index + 1] ?? '');
    return writeHead(...parameters);
  };
}

/**
 * A raw list stays one: with a single header set beside it, node:http would put its duplicates together. It may be a list of pairs, too,
 * and ours are in it already when it is that of an error.
 */
function withOwn(given: readonly unknown[], own: readonly string[]): unknown[] {
  const isPairs = Array.isArray(given[0]);
  const names = new Set(given.flat().map((text) => String(text).toLowerCase()));
  const missing: unknown[] = [];
  for (let index = 0; index < own.length; index += 2) {
    const [name = '', value = ''] = own.slice(index);
    if (!names.has(name.toLowerCase())) missing.push(...(isPairs ? [[name, value]] : [name, value]));
  }
  return [...given, ...missing];
}
