import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** What a worker is to see of a request. */
export interface RequestFacts {
  readonly method: string;
  /** Path and query as the client sent them, whatever a router has cut off. */
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly connection: ConnectionFacts;
}

export interface ConnectionFacts {
  readonly encrypted?: boolean | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** The part of an IncomingMessage that `http/` asks for, of any request and any stream of its body. */
type Asked = Pick<
  IncomingMessage,
  'method' | 'url' | 'httpVersion' | 'rawHeaders' | 'headers' | 'complete' | 'rawTrailers' | 'push' | 'readableLength'
> & {
  pause(): void;
  resume(): void;
};

class CarriedRequest implements Asked {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: string[];
  readonly headers: IncomingHttpHeaders;
  readonly socket: ConnectionFacts;
  readonly #body: Readable & { readonly complete?: boolean; readonly rawTrailers?: string[] };

  constructor(facts: RequestFacts, body: Readable) {
    this.method = facts.method;
    this.url = facts.url;
    this.httpVersion = facts.httpVersion;
    this.rawHeaders = [...facts.rawHeaders];
    this.headers = facts.headers;
    this.socket = facts.connection;
    this.#body = body;
  }

  get complete(): boolean {
    return this.#body.complete ?? (this.#body.readableEnded || this.#body.destroyed);
  }

  get rawTrailers(): string[] {
    return this.#body.rawTrailers ?? [];
  }

  get readableLength(): number {
    return this.#body.readableLength;
  }

  // What is received is counted where it enters the body.
  get push(): Readable['push'] {
    return this.#body.push.bind(this.#body);
  }

  set push(push: Readable['push']) {
    this.#body.push = push;
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    this.#body.on(event, listener);
    return this;
  }

  once(event: string, listener: (...args: unknown[]) => void): this {
    this.#body.once(event, listener);
    return this;
  }

  off(event: string, listener: (...args: unknown[]) => void): this {
    this.#body.off(event, listener);
    return this;
  }

  pause(): this {
    this.#body.pause();
    return this;
  }

  resume(): this {
    this.#body.resume();
    return this;
  }
}

/**
 * A request for `http/`, which was written for those of node:http alone: it asks for the head, for what `Asked` names, and for the events of a
 * readable stream.
 */
export function carriedRequest(facts: RequestFacts, body: Readable): IncomingMessage {
  return new CarriedRequest(facts, body) as unknown as IncomingMessage;
}
