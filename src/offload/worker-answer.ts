import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { PassThrough } from 'node:stream';
import type { OffloadParts } from './offload-exchange.ts';

/** The head of an answer. `headers` by name as the worker wrote it; what came more than once is a list. */
export interface AnswerHead {
  readonly status: number;
  /** Empty where the usual one is meant. */
  readonly message: string;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
}

/** The part of a ServerResponse that `http/` asks for, beside that of a writable stream. */
type Asked = Pick<ServerResponse, 'statusCode' | 'statusMessage' | 'headersSent' | 'sendDate' | 'shouldKeepAlive'> & {
  writeHead(status: number, message: string, raw: readonly string[]): void;
  addTrailers(trailers: [string, string][]): void;
  writeEarlyHints(hints: Readonly<Record<string, string | string[]>>): void;
  writeProcessing(): void;
  flushHeaders(): void;
};

/**
 * The answer of a worker as a value: a head, and a stream of the body. For frameworks whose handlers return an answer, so that what they do
 * with answers (compression, hooks, errors) is done with this one.
 */
export class WorkerAnswer extends PassThrough implements Asked {
  statusCode = 200;
  statusMessage = '';
  headersSent = false;
  sendDate = true;
  shouldKeepAlive = true;
  readonly #raw: ServerResponse | undefined;
  #onHead: (head: AnswerHead) => void = () => {};
  #onFailure: (error: unknown) => void = () => {};
  readonly #head: Promise<AnswerHead | undefined>;

  /** @param raw the response below the framework, where there is one: its end is that of this one, and it takes hints and trailers */
  constructor(raw?: ServerResponse) {
    super({ highWaterMark: 64 * 1024 });
    this.#raw = raw;
    this.#head = new Promise((resolve, reject) => {
      this.#onHead = resolve;
      this.#onFailure = reject;
      this.once('close', () => resolve(undefined));
    });
    if (raw?.destroyed === true) this.destroy();
    else raw?.once('close', () => this.destroy());
  }

  /** Of the exchange that this is the answer of. */
  get parts(): Pick<OffloadParts, 'response' | 'onError' | 'endEarly'> {
    return {
      // `http/` was written for the responses of node:http alone; it asks for what `Asked` names.
      response: this as unknown as ServerResponse,
      onError: (error) => this.#fail(error),
      endEarly: () => this.#breakOff(),
    };
  }

  /** The head, when it is here; undefined when the client went away before. Rejects with an OffloadError when there is none. */
  head(): Promise<AnswerHead | undefined> {
    return this.#head;
  }

  #fail(error: unknown): void {
    this.#onFailure(error);
    this.destroy();
  }

  /** The rest of the body will not come: half an answer must not look whole, whatever the framework makes of a stream that ends early. */
  #breakOff(): void {
    // Whoever reads it has the rest of this turn to begin, and to take what is here.
    setImmediate(() => {
      this.destroy(new Error('the worker broke its answer off'));
      this.#raw?.destroy();
    });
  }

  /** @throws TypeError, RangeError when the head is no valid one */
  writeHead(status: number, message: string, raw: readonly string[]): void {
    if (status > 599) throw new RangeError(`the status is ${status}, expected 200 to 599`);
    const headers = new Map<string, string | readonly string[]>();
    const names = new Map<string, string>();
    for (let index = 0; index < raw.length; index += 2) {
      const [name = '', value = ''] = raw.slice(index, index + 2);
      validateHeaderName(name);
      validateHeaderValue(name, value);
      const first = names.get(name.toLowerCase()) ?? name;
      names.set(name.toLowerCase(), first);
      const known = headers.get(first);
      headers.set(first, known === undefined ? value : [known, value].flat());
    }
    this.statusCode = status;
    this.statusMessage = message;
    this.headersSent = true;
    this.#onHead({ status, message, headers });
  }

  flushHeaders(): void {}

  addTrailers(trailers: [string, string][]): void {
    this.#raw?.addTrailers(trailers);
  }

  writeEarlyHints(hints: Readonly<Record<string, string | string[]>>): void {
    this.#raw?.writeEarlyHints(hints);
  }

  writeProcessing(): void {
    this.#raw?.writeProcessing();
  }
}

/** RFC 9110, 15.3.5, 15.3.6 and 15.4.5. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
