import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** The part of a ServerResponse that `http/` asks for. */
type Asked = Pick<
  ServerResponse,
  'statusCode' | 'headersSent' | 'sendDate' | 'writableEnded' | 'writableFinished' | 'destroyed' | 'closed' | 'flushHeaders'
> & {
  writeHead(status: number, message: string, raw: readonly string[]): void;
  write(bytes: Uint8Array): boolean;
  end(bytes?: Uint8Array): void;
  addTrailers(trailers: [string, string][]): void;
  writeEarlyHints(hints: Record<string, string | string[]>): void;
  writeProcessing(): void;
  destroy(): void;
};

/** Where `http/` writes the answer of a worker: in front of a stream, which knows nothing of heads. */
export abstract class AnswerSide<Stream extends Writable = Writable> implements Asked {
  protected readonly stream: Stream;
  #ended = false;
  sendDate = true;
  abstract readonly statusCode: number;
  abstract readonly headersSent: boolean;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** `http/` was written for the responses of node:http alone; it asks for what `Asked` names, and for the events of a stream. */
  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  /** @throws Error when a part of it is not valid; nothing was sent then */
  abstract writeHead(status: number, message: string, raw: readonly string[]): void;
  abstract flushHeaders(): void;
  abstract addTrailers(trailers: [string, string][]): void;
  abstract writeEarlyHints(hints: Record<string, string | string[]>): void;
  abstract writeProcessing(): void;

  /** Middleware may hold the end back until it has compressed the rest, or saved a session. */
  get writableEnded(): boolean {
    return this.#ended || this.stream.writableEnded;
  }

  get writableFinished(): boolean {
    return this.stream.writableFinished;
  }

  get destroyed(): boolean {
    return this.stream.destroyed;
  }

  get closed(): boolean {
    return this.stream.closed;
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    this.#ended = true;
    this.stream.end(bytes);
  }

  destroy(): void {
    this.stream.destroy();
  }

  on(event: string, listener: () => void): void {
    this.stream.on(event, listener);
  }

  once(event: string, listener: () => void): void {
    this.stream.once(event, listener);
  }

  off(event: string, listener: () => void): void {
    this.stream.off(event, listener);
  }
}
