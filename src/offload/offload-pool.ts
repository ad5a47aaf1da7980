/**
 * The workers of one offloaded module, in the app's own process: a dispatcher without a front. It takes exchanges from the adapters and sees
 * to it that each is answered, by a worker or by one error that its adapter hands to the app. Workers that have nothing to do keep no process
 * alive; a request does.
 */
import { explainLoad } from '../compile/explain-load.ts';
import { prepareEntry } from '../compile/prepare.ts';
import { resolveEntry } from '../config/entry.ts';
import type { Settings } from '../config/settings.ts';
import { IncidentLog } from '../diagnostics/incident-log.ts';
import { IncidentRecorder } from '../diagnostics/incident-recorder.ts';
import { takeStack } from '../diagnostics/take-stack.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { announcedBytes } from '../http/check-request.ts';
import { bodyTooLarge, type Exchange, type ExchangeListener } from '../http/exchange.ts';
import type { PreparedCode } from '../modes/code-source.ts';
import { Dispatcher } from '../modes/dispatcher.ts';
import { policyOf } from '../modes/policy.ts';
import { rejection } from '../modes/task-errors.ts';
import { forwardOutput } from '../pool/forward-output.ts';
import { KeepAlive } from '../pool/keep-alive.ts';
import { ProcessSpawner } from '../supervisor/spawn-process.ts';
import { ThreadSpawner } from '../supervisor/spawn-thread.ts';
import { OffloadExchange, type OffloadParts } from './offload-exchange.ts';

type State =
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready'; readonly dispatcher: Dispatcher }
  /** No worker can be had. */
  | { readonly phase: 'broken'; readonly error: PreforkError };

export class OffloadPool implements ExchangeListener {
  readonly isClosing = false;
  readonly #settings: Settings;
  readonly #keepAlive = new KeepAlive();
  /** Those that are not over; the early ones came before the first worker was there. */
  readonly #open = new Map<Exchange, 'early' | 'given'>();
  readonly #forced = new AbortController();
  readonly #starting: Promise<void>;
  #state: State = { phase: 'starting' };
  #closing: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;
  #dispatcher: Dispatcher | undefined;
  #nextId = 1;

  /** @param settings those of a server, without an entry */
  constructor(entry: string | URL, settings: Settings) {
    this.#settings = settings;
    this.#starting = this.#start(entry).catch((error: unknown) => this.#break(error));
  }

  /** Resolves when the first worker has loaded the module. @throws PreforkError when it could not */
  async ready(): Promise<void> {
    this.#keepAlive.hold();
    try {
      await this.#starting;
    } finally {
      this.#keepAlive.release();
    }
    if (this.#state.phase === 'broken') throw copyOf(this.#state.error);
  }

  /** Takes a request over. It is answered once: through its response, or by `onError`; not at all when the client has gone by now. */
  run(parts: OffloadParts): void {
    if (parts.response.destroyed) return;
    const exchange = new OffloadExchange(this.#nextId, parts, this.#settings, this);
    // Ids have 31 bits; the first ones are long over when it wraps.
    this.#nextId = this.#nextId === 0x7fff_ffff ? 1 : this.#nextId + 1;
    const refusal = this.#refusal(exchange);
    if (refusal !== undefined) {
      exchange.fail(refusal);
      return;
    }
    this.#open.set(exchange, 'early');
    this.#keepAlive.hold();
    if (this.#state.phase === 'ready') this.#give(exchange, this.#state.dispatcher);
  }

  #give(exchange: Exchange, dispatcher: Dispatcher): void {
    this.#open.set(exchange, 'given');
    dispatcher.run(exchange);
  }

  #refusal({ request }: Exchange): PreforkError | undefined {
    const { queueLimit, maxBodyBytes } = this.#settings;
    if (this.#closing !== undefined) return closed();
    if (this.#state.phase === 'broken') return copyOf(this.#state.error);
    if (Math.max(announcedBytes(request), request.readableLength) > maxBodyBytes) return bodyTooLarge(maxBodyBytes);
    if (this.#state.phase === 'starting' && this.#open.size >= queueLimit) return rejection('queueFull', this.#settings);
    return undefined;
  }

  /** Takes no more requests, finishes those that it has, at most for `shutdownTimeout`, and ends the workers. */
  close(force: boolean): Promise<void> {
    this.#closing ??= this.#close();
    if (force) this.#force();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#keepAlive.hold();
    const timer = setTimeout(() => this.#force(), this.#settings.shutdownTimeoutMs);
    await Promise.race([this.#starting, once(this.#forced.signal)]);
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    if (this.#state.phase !== 'broken') await this.#dispatcher?.close();
    clearTimeout(timer);
    this.#keepAlive.close();
  }

  #force(): void {
    this.#forced.abort();
    for (const exchange of this.#open.keys()) exchange.fail(closed());
    this.#dispatcher?.force();
  }

  // From the exchanges

  onAbandoned(exchange: Exchange): void {
    if (this.#open.get(exchange) === 'given') this.#dispatcher?.abandon(exchange);
    // The app answers it, and takes as long for that as it likes.
    if (exchange.isOver) this.#forget(exchange);
  }

  onClosed(exchange: Exchange): void {
    this.#forget(exchange);
  }

  #forget(exchange: Exchange): void {
    if (!this.#open.delete(exchange)) return;
    this.#keepAlive.release();
    if (this.#open.size === 0) this.#whenEmpty?.();
  }

  // The start

  async #start(entry: string | URL): Promise<void> {
    const path = await resolveEntry(entry, process.cwd());
    const prepared = await prepareEntry(path);
    const first: PreparedCode = {
      typescript: prepared.manifest,
      explain: (error) => explainLoad(error, prepared),
      freeze: () => prepared.freeze(),
    };
    if (this.#forced.signal.aborted) return;
    const settings = { ...this.#settings, entry: path };
    const { mode, maxMemoryBytes } = settings;
    const options = { keepsAlive: false };
    const spawner = mode === 'thread' ? new ThreadSpawner(maxMemoryBytes, options) : new ProcessSpawner(options);
    const dispatcher = new Dispatcher(settings, policyOf(settings, mode !== 'fork'), forwardOutput(spawner), {
      source: { first, prepare: () => Promise.resolve(first) },
      recorder: new IncidentRecorder(new IncidentLog(), mode),
      look: takeStack,
      keepsAlive: false,
    });
    this.#dispatcher = dispatcher;
    try {
      await dispatcher.start();
    } catch (error) {
      throw await first.explain(error);
    }
    this.#state = { phase: 'ready', dispatcher };
    for (const exchange of this.#open.keys()) this.#give(exchange, dispatcher);
  }

  #break(error: unknown): void {
    const known =
      error instanceof PreforkError ? error : new PreforkError('ERR_HANDLER_LOAD', messageOf(error), { cause: error });
    this.#state = { phase: 'broken', error: known };
    for (const exchange of this.#open.keys()) exchange.fail(copyOf(known));
  }
}

function closed(): PreforkError {
  return new PreforkError('ERR_SHUTTING_DOWN', 'the workers for this request were closed');
}

/** Each request gets an error of its own. */
function copyOf({ code, message, cause }: PreforkError): PreforkError {
  return new PreforkError(code, message, cause === undefined ? {} : { cause });
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
