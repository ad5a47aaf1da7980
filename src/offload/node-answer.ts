import type { ServerResponse } from 'node:http';

/** The part of a ServerResponse that `http/` asks for. */
type Asked = Pick<
  ServerResponse,
  | 'req'
  | 'statusCode'
  | 'headersSent'
  | 'sendDate'
  | 'writableEnded'
  | 'writableFinished'
  | 'destroyed'
  | 'closed'
  | 'flushHeaders'
> & {
  writeHead(status: number, message: string, raw: readonly string[]): void;
  write(bytes: Uint8Array): boolean;
  end(bytes?: Uint8Array): void;
  addTrailers(trailers: [string, string][]): void;
  writeEarlyHints(hints: Record<string, string | string[]>): void;
  writeProcessing(): void;
  destroy(): void;
};

/** Headers that the app's middleware and the handler may both set: the client gets all of them. */
const MERGED: ReadonlySet<string> = new Set(['set-cookie', 'vary']);

/**
 * Writes a worker's answer into the response of an app, which may have headers already. They are set one by one: given to `writeHead` as a list,
 * those that come more than once would be lost beside the app's (Node 20), and middleware that looks at them before they are sent
 * (compression, sessions) would not find them.
 */
class NodeAnswer implements Asked {
  readonly #response: ServerResponse;
  #ended = false;
  sendDate = true;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get req(): ServerResponse['req'] {
    return this.#response.req;
  }

  get statusCode(): number {
    return this.#response.statusCode;
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  /** Middleware may hold the end back until it has compressed the rest, or saved a session. */
  get writableEnded(): boolean {
    return this.#ended || this.#response.writableEnded;
  }

  get writableFinished(): boolean {
    return this.#response.writableFinished;
  }

  get destroyed(): boolean {
    return this.#response.destroyed;
  }

  get closed(): boolean {
    return this.#response.closed;
  }

  /** Leaves the response as the app had it when a header is not valid. @throws TypeError */
  writeHead(status: number, message: string, raw: readonly string[]): void {
    const response = this.#response;
    const before = Object.entries(response.getHeaders());
    try {
      const seen = new Set<string>();
      for (let index = 0; index < raw.length; index += 2) {
        const [name = '', value = ''] = raw.slice(index, index + 2);
        const lower = name.toLowerCase();
        if (seen.has(lower) || MERGED.has(lower)) response.appendHeader(name, value);
        else response.setHeader(name, value);
        seen.add(lower);
      }
    } catch (error) {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      for (const [name, value] of before) if (value !== undefined) response.setHeader(name, value);
      throw error;
    }
    response.sendDate = this.sendDate;
    response.writeHead(status, message);
  }

  write(bytes: Uint8Array): boolean {
    return this.#response.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    this.#ended = true;
    this.#response.end(bytes);
  }

  flushHeaders(): void {
    this.#response.flushHeaders();
  }

  addTrailers(trailers: [string, string][]): void {
    this.#response.addTrailers(trailers);
  }

  writeEarlyHints(hints: Record<string, string | string[]>): void {
    this.#response.writeEarlyHints(hints);
  }

  writeProcessing(): void {
    this.#response.writeProcessing();
  }

  destroy(): void {
    this.#response.destroy();
  }

  on(event: string, listener: () => void): void {
    this.#response.on(event, listener);
  }

  once(event: string, listener: () => void): void {
    this.#response.once(event, listener);
  }

  off(event: string, listener: () => void): void {
    this.#response.off(event, listener);
  }
}

/** A response for `http/`, which was written for those of node:http alone; it asks for what `Asked` names, and for the events of a stream. */
export function nodeAnswer(response: ServerResponse): ServerResponse {
  return new NodeAnswer(response) as unknown as ServerResponse;
}
