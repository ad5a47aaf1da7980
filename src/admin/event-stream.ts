/**
 * `GET /api/events`: what happens, to everybody who listens, as server-sent events with ids that count up. Nothing is made for it while
 * nobody listens. It holds a bounded past for who was away for a moment, and little for each reader: one that does not read is dropped.
 */
import type { ServerResponse } from 'node:http';
import { messageOf } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import type { AdminEvent } from './api.ts';
import { Refusal } from './refusal.ts';

export const EVENTS_TYPE = 'text/event-stream; charset=utf-8';

const STATE_EVERY_MS = 500;
const ALIVE_EVERY_MS = 15_000;
/** Who lost the connection is back within this time, or gets a fresh state. */
const REMEMBER_MS = 60_000;
const RETRY_MS = 1000;

export interface StreamLimits {
  readonly clients: number;
  /** Of the past that is kept. */
  readonly events: number;
  readonly pastBytes: number;
  /** Written and not taken by one reader. */
  readonly pendingBytes: number;
  /** For how long a reader may have taken nothing at all. */
  readonly stalledMs: number;
}

const LIMITS: StreamLimits = { clients: 32, events: 1000, pastBytes: 1024 * 1024, pendingBytes: 1024 * 1024, stalledMs: 20_000 };

interface Client {
  readonly response: ServerResponse;
  /** When it had last taken everything. */
  takenAtMs: number;
}

/** What a stream tells beside the state, which each reader gets first, and twice a second. */
export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export class EventStream<Event extends StreamEvent = AdminEvent> {
  readonly #state: () => unknown;
  readonly #limits: StreamLimits;
  readonly #watch: (tell: (event: Event) => void) => () => void;
  readonly #clients = new Set<Client>();
  /** Beyond any id of a server before this one. */
  #nextId = Date.now() * 1000;
  #past: { readonly id: number; readonly text: string }[] = [];
  #pastBytes = 0;
  /** What came with a lower id is not kept. */
  #pastFrom = this.#nextId;
  #stopWatching: (() => void) | undefined;
  #stateTimer: NodeJS.Timeout | undefined;
  #forgetTimer: NodeJS.Timeout | undefined;
  #aliveAtMs = 0;

  /**
   * @param state what the event `state` tells
   * @param watch begins to watch for what is to be told, when somebody listens; the function that it returns ends that
   */
  constructor(state: () => unknown, watch: (tell: (event: Event) => void) => () => void, limits: Partial<StreamLimits> = {}) {
    this.#state = state;
    this.#watch = watch;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** How many listen. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Tells everybody the state now, and not only when it is its turn. */
  refresh(): void {
    if (this.#clients.size > 0) this.#tick();
  }

  /**
   * @param lastId of the last event that the client has seen, as its `Last-Event-ID` says
   * @throws Refusal 503 when too many listen
   */
  attach(response: ServerResponse, lastId: string | undefined): void {
    if (this.#clients.size >= this.#limits.clients)
      throw new Refusal(503, `${this.#clients.size} clients listen to events already, which is the most`, {
        'Retry-After': '10',
      });
    this.#listen();
    response.writeHead(200, { 'Content-Type': EVENTS_TYPE, Connection: 'close' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    for (const text of this.#missedSince(lastId)) response.write(text);
    const client = { response, takenAtMs: performance.now() };
    this.#clients.add(client);
    response.once('close', () => this.#leave(client));
    this.#write(client, this.#stateText());
  }

  /** Tells everybody. */
  tell(event: Event): void {
    // Nobody listens, and nobody did a moment ago.
    if (this.#stopWatching === undefined) return;
    const id = this.#takeId();
    const text = format(id, event);
    this.#past.push({ id, text });
    this.#pastBytes += text.length;
    while (this.#past.length > this.#limits.events || this.#pastBytes > this.#limits.pastBytes) this.#forgetOldest();
    for (const client of this.#clients) this.#write(client, text);
  }

  /** Ends all streams. */
  close(): void {
    for (const { response } of this.#clients) response.end();
    this.#forget();
  }

  #listen(): void {
    clearTimeout(this.#forgetTimer);
    this.#stopWatching ??= this.#watch((event) => this.tell(event));
    this.#stateTimer ??= setInterval(() => this.#tick(), STATE_EVERY_MS);
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#stateTimer);
    this.#stateTimer = undefined;
    clearTimeout(this.#forgetTimer);
    if (this.#stopWatching !== undefined) this.#forgetTimer = setTimeout(() => this.#forget(), REMEMBER_MS).unref();
  }

  #forget(): void {
    clearTimeout(this.#forgetTimer);
    clearInterval(this.#stateTimer);
    this.#stateTimer = undefined;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    this.#past = [];
    this.#pastBytes = 0;
    this.#pastFrom = this.#takeId();
  }

  #forgetOldest(): void {
    const oldest = this.#past.shift();
    if (oldest === undefined) return;
    this.#pastBytes -= oldest.text.length;
    this.#pastFrom = oldest.id + 1;
  }

  #tick(): void {
    try {
      this.#sendState();
    } catch (error) {
      // A bug, which is not to end the server.
      publish({ type: 'server:notice', message: `the stream of events ends, its state can not be told: ${messageOf(error)}` });
      this.close();
    }
  }

  #sendState(): void {
    const nowMs = performance.now();
    let text = this.#stateText();
    if (nowMs - this.#aliveAtMs >= ALIVE_EVERY_MS) {
      this.#aliveAtMs = nowMs;
      text = `: alive\n\n${text}`;
    }
    for (const client of this.#clients) {
      if (client.response.writableLength === 0) client.takenAtMs = nowMs;
      if (nowMs - client.takenAtMs > this.#limits.stalledMs) client.response.destroy();
      else this.#write(client, text);
    }
  }

  #stateText(): string {
    return format(this.#takeId(), { event: 'state', data: this.#state() });
  }

  #write({ response }: Client, text: string): void {
    if (response.destroyed) return;
    response.write(text);
    if (response.writableLength > this.#limits.pendingBytes) response.destroy();
  }

  /** What came after this id; nothing when that is not known any more. */
  #missedSince(lastId: string | undefined): string[] {
    const last = /^\d{1,16}$/.test(lastId ?? '') ? Number(lastId) : undefined;
    if (last === undefined || last + 1 < this.#pastFrom || last >= this.#nextId) return [];
    return this.#past.filter(({ id }) => id > last).map(({ text }) => text);
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

function format(id: number, { event, data }: StreamEvent): string {
  // JSON has no line break in it.
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
