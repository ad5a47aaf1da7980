import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { PassThrough } from 'node:stream';
import { AnswerSide } from './answer-side.ts';
import type { OffloadParts } from './offload-exchange.ts';

/** The head of an answer. `headers` by name as the worker wrote it; what came more than once is a list. */
export interface AnswerHead {
  readonly status: number;
  /** Empty where the usual one is meant. */
  readonly message: string;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
}

/**
 * The answer of a worker as a value: a head, and a stream of the body. For frameworks whose handlers return an answer, so that what they do
 * with answers (compression, hooks, errors) is done with this one.
 */
export class WorkerAnswer {
  /** The body; it ends early, with an error, when the worker broke it off. */
  readonly body = new PassThrough({ highWaterMark: 64 * 1024 });
  /** The head, when it is here; undefined when the client went away before. Rejects with an OffloadError when there is no answer. */
  readonly head: Promise<AnswerHead | undefined>;
  /** For the exchange that this is the answer of. */
  readonly parts: Pick<OffloadParts, 'response' | 'onError' | 'endEarly'>;

  /** @param raw the response below the framework, where there is one: its end is that of this one, and it takes hints and trailers */
  constructor(raw?: ServerResponse) {
    const { body } = this;
    let [resolveHead, rejectHead]: [(head: AnswerHead | undefined) => void, (error: unknown) => void] = [() => {}, () => {}];
    this.head = new Promise((resolve, reject) => {
      [resolveHead, rejectHead] = [resolve, reject];
    });
    body.once('close', () => resolveHead(undefined));
    this.parts = {
      response: new ValueSide(body, raw, resolveHead).asResponse,
      onError: (error) => {
        rejectHead(error);
        body.destroy();
      },
      endEarly: () => {
        // Whoever reads it has the rest of this turn to begin, and to take what is here.
        setImmediate(() => {
          body.destroy(new Error('the worker broke its answer off'));
          raw?.destroy();
        });
      },
    };
    if (raw?.destroyed === true) body.destroy();
    else raw?.once('close', () => body.destroy());
  }
}

class ValueSide extends AnswerSide {
  readonly #raw: ServerResponse | undefined;
  readonly #onHead: (head: AnswerHead) => void;
  statusCode = 200;
  headersSent = false;

  constructor(body: PassThrough, raw: ServerResponse | undefined, onHead: (head: AnswerHead) => void) {
    super(body);
    this.#raw = raw;
    this.#onHead = onHead;
  }

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
    this.headersSent = true;
    this.#onHead({ status, message, headers });
  }

  flushHeaders(): void {}

  addTrailers(trailers: [string, string][]): void {
    this.#raw?.addTrailers(trailers);
  }

  writeEarlyHints(hints: Record<string, string | string[]>): void {
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
