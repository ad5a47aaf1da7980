/**
 * One request and its answer, as the process that holds the socket sees them: what both ways of running a handler share.
 * It sees to it that there is one answer, that the body stays under its limit, that the headers of ours are there, and
 * that whoever runs the task hears when the client is gone.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { RequestHead } from '../channel/messages.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { hasBody, headOf } from './check-request.ts';
import type { Connection } from './connection.ts';
import { discardBody } from './discard-body.ts';
import { breakOff, problemText, sendProblem } from './problem.ts';
import { endOfError, type TaskEnd } from './task-counts.ts';

export interface ExchangeOptions {
  readonly maxBodyBytes: number;
  readonly dev: boolean;
  readonly serverTiming: boolean;
  readonly workerHeader: boolean;
}

/** What a front has to know of its exchanges. */
export interface ExchangeListener {
  /** True while the server ends: the connection is then closed after the answer. */
  readonly isClosing: boolean;
  /** The client went away, or an error was answered, before the task was over. */
  onAbandoned(exchange: Exchange): void;
  /** Nothing more will be sent or received. */
  onClosed(exchange: Exchange): void;
}

export class Exchange {
  readonly id: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Where the client asks for another protocol: then nothing is ever written to the response, and it closes with the connection. */
  readonly connection: Connection | undefined;
  readonly #options: ExchangeOptions;
  readonly #listener: ExchangeListener;
  readonly receivedMs = performance.now();
  /** Longest run of this one, in place of what holds for the others, ms. */
  readonly deadlineMs: number | undefined = undefined;
  /** How much sooner it is to begin than others, in place of what the handler says: -10 to 10. */
  readonly priority: number | undefined = undefined;
  #startedMs: number | undefined;
  #pid: number | undefined;
  #bodyBytes = 0;
  /** The first error that ended the exchange; the answer is then ours, and the handler's is dropped. */
  #error: PreforkError | undefined;
  #brokenOff = false;

  constructor(
    id: number,
    request: IncomingMessage,
    response: ServerResponse,
    options: ExchangeOptions,
    listener: ExchangeListener,
    connection?: Connection,
  ) {
    this.id = id;
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.#options = options;
    this.#listener = listener;
    if (connection !== undefined) closeTogether(connection, response);
    else if (hasBody(request)) this.#limitBody();
    response.once('close', () => this.#onClose());
    // Both report what 'close' tells as well: the client is gone.
    request.on('error', ignore);
    response.on('error', ignore);
  }

  get isOver(): boolean {
    return this.#error !== undefined || this.#brokenOff || this.response.destroyed || this.response.writableEnded;
  }

  /** The head of the request as a worker is to see it. */
  get head(): RequestHead {
    return headOf(this.request, this.connection !== undefined);
  }

  /** When a worker began it, on the clock of `performance.now()`; undefined when none has. */
  get startedMs(): number | undefined {
    return this.#startedMs;
  }

  /** How long it waited and ran, ms; undefined when no worker has begun it. */
  get times(): { readonly queueMs: number; readonly runMs: number } | undefined {
    if (this.#startedMs === undefined) return undefined;
    return { queueMs: this.#startedMs - this.receivedMs, runMs: performance.now() - this.#startedMs };
  }

  /** What became of it. To be asked when it is closed. */
  get end(): TaskEnd {
    if (this.#error !== undefined) return endOfError(this.#error.code, this.#startedMs !== undefined);
    if (this.#isComplete) return 'completed';
    return this.#brokenOff ? 'failed' : 'cancelled';
  }

  /** Marks the start of the task on the worker with the given pid, so long ago. */
  start(pid: number, agoMs = 0): void {
    this.#startedMs = Math.max(this.receivedMs, performance.now() - agoMs);
    this.#pid = pid;
    publish({ type: 'task:started', task: this.id, worker: pid, queuedMs: this.#startedMs - this.receivedMs });
  }

  /** Headers of ours for an answer that is about to be sent: raw, name and value in turn. */
  ownHeaders(): string[] {
    const headers: string[] = [];
    if (this.#options.serverTiming) headers.push('Server-Timing', this.#timing());
    if (this.#options.workerHeader && this.#pid !== undefined) headers.push('X-Worker', String(this.#pid));
    if (this.#listener.isClosing) headers.push('Connection', 'close');
    return headers;
  }

  /** Ends the exchange with an error, unless it is over: the first word counts. */
  fail(error: PreforkError): void {
    if (this.isOver) return;
    this.#error = error;
    publish({
      type: 'task:failed',
      task: this.id,
      code: error.code,
      message: error.message,
      stack: typeof error.cause === 'string' ? error.cause : '',
      method: this.request.method ?? '',
      target: this.request.url ?? '',
      pid: this.#pid ?? null,
      runMs: this.#startedMs === undefined ? null : Math.round(performance.now() - this.#startedMs),
      incident: error.incident ?? null,
    });
    this.answerError(error);
    this.#listener.onAbandoned(this);
  }

  /** Says to whoever waits for the answer that there is none. */
  protected answerError(error: PreforkError): void {
    if (this.connection === undefined) {
      sendProblem(this.response, error, this.#options.dev, this.ownHeaders());
      discardBody(this.request);
    } else this.connection.refuse(problemText(error, this.#options.dev));
  }

  /**
   * Ends the exchange without another word, because the handler did so: what the client has of the answer looks broken. To close is how a
   * connection that was handed over ends well.
   */
  breakOff(): void {
    if (this.isOver) return;
    this.#brokenOff = true;
    this.endEarly();
  }

  /** Ends an answer that has begun, so that nobody takes it for a whole one. */
  protected endEarly(): void {
    if (this.connection === undefined) breakOff(this.response);
    else this.connection.close();
  }

  get #isComplete(): boolean {
    return this.connection === undefined ? this.response.writableFinished : this.connection.isAnswered;
  }

  #timing(): string {
    const nowMs = performance.now();
    const startedMs = this.#startedMs ?? nowMs;
    return `queue;dur=${inTenths(startedMs - this.receivedMs)}, run;dur=${inTenths(nowMs - startedMs)}`;
  }

  /** Counts what is received where it enters, so that it makes no difference who reads it, or whether anybody does. */
  #limitBody(): void {
    const { request } = this;
    // An app may have taken its time before it offloads the request.
    this.#bodyBytes = request.readableLength;
    const push = request.push.bind(request);
    request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk instanceof Uint8Array) {
        this.#bodyBytes += chunk.length;
        if (this.#bodyBytes > this.#options.maxBodyBytes) {
          this.fail(bodyTooLarge(this.#options.maxBodyBytes));
          return true;
        }
      }
      return push(chunk, encoding);
    };
  }

  #onClose(): void {
    const { response, connection } = this;
    const complete = this.#isComplete;
    // Whoever holds a connection is told of its end in any case.
    if ((!complete || connection !== undefined) && this.#error === undefined) this.#listener.onAbandoned(this);
    publish({
      type: 'task:ended',
      task: this.id,
      status: complete ? (connection === undefined ? response.statusCode : 101) : 0,
      code: this.#error?.code ?? (complete ? null : 'ERR_CLIENT_GONE'),
      runMs: this.#startedMs === undefined ? 0 : performance.now() - this.#startedMs,
    });
    this.#listener.onClosed(this);
  }
}

function ignore(): void {}

/** Those below 100 ms, by their tenths: each answer has two. */
const TENTHS: string[] = [];
const MOST_TENTHS = 1000;

function inTenths(ms: number): string {
  const tenths = Math.round(10 * ms);
  if (tenths < 0 || tenths >= MOST_TENTHS) return ms.toFixed(1);
  return (TENTHS[tenths] ??= (tenths / 10).toFixed(1));
}

/** What waits for the end of an exchange waits for that of its response. */
function closeTogether({ socket }: Connection, response: ServerResponse): void {
  socket.once('close', () => {
    response.destroyed = true;
    response.emit('close');
  });
}

export function bodyTooLarge(limitBytes: number): PreforkError {
  return new PreforkError('ERR_BODY_TOO_LARGE', `the request body is larger than ${limitBytes} bytes`);
}
