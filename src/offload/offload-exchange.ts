import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHead } from '../channel/messages.ts';
import type { PreforkError } from '../errors/prefork-error.ts';
import { Exchange, type ExchangeListener, type ExchangeOptions } from '../http/exchange.ts';
import { OffloadError } from './offload-error.ts';

export interface OffloadParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `RequestHead.offloaded` */
  readonly offloaded: string;
  readonly deadlineMs: number | undefined;
  readonly priority: number | undefined;
  /** The app answers, as nothing was sent. Called at most once. */
  readonly onError: (error: OffloadError) => void;
  /** Ends an answer that has begun, so that nobody takes it for a whole one. */
  readonly endEarly: () => void;
}

/** An exchange whose errors are the app's to answer. */
export class OffloadExchange extends Exchange {
  override readonly deadlineMs: number | undefined;
  override readonly priority: number | undefined;
  readonly #offloaded: string;
  readonly #onError: (error: OffloadError) => void;
  readonly #endEarly: () => void;

  constructor(id: number, parts: OffloadParts, options: ExchangeOptions, listener: ExchangeListener) {
    const { request, response, offloaded, deadlineMs, priority, onError, endEarly } = parts;
    super(id, request, response, options, listener);
    this.deadlineMs = deadlineMs;
    this.priority = priority;
    this.#offloaded = offloaded;
    this.#onError = onError;
    this.#endEarly = endEarly;
  }

  override get head(): RequestHead {
    return { ...super.head, offloaded: this.#offloaded };
  }

  protected override answerError(error: PreforkError): void {
    if (this.response.headersSent || this.response.destroyed) this.endEarly();
    else this.#onError(new OffloadError(error));
  }

  protected override endEarly(): void {
    this.#endEarly();
  }
}
