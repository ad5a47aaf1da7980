/**
 * Reads the answers of HTTP/1.1 on one connection, one after the other, as cheaply as it can be done: the generator runs beside the servers,
 * and what it takes of the CPUs is missing to them. It knows answers with a content-length alone; any other is wrong.
 */
export interface ExpectedAnswer {
  readonly bodyBytes: number;
  /** The body, where it is short enough to be compared as a whole. */
  readonly body: string | undefined;
}

export type Reading = 'more' | 'answered' | { readonly wrong: string };

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)\r\n/i;
/** A head that is longer is none of those that are expected. */
const MOST_HEAD_BYTES = 16_384;

export class AnswerReader {
  readonly #expected: ExpectedAnswer;
  /** What came of a head or a short body so far. */
  #text = '';
  #bodyBytes = 0;
  #isInBody = false;

  constructor(expected: ExpectedAnswer) {
    this.#expected = expected;
  }

  /** Takes what came next; after `answered` the next answer may begin. */
  read(chunk: Buffer): Reading {
    if (this.#isInBody) return this.#readBody(chunk.length, chunk);
    const text = this.#text + chunk.toString('latin1', 0, MOST_HEAD_BYTES);
    const end = text.indexOf(HEAD_END);
    if (end === -1) {
      this.#text = text;
      return text.length < MOST_HEAD_BYTES ? 'more' : { wrong: 'a head without an end' };
    }
    const status = text.slice(9, 12);
    if (status !== '200') return { wrong: `status ${status}` };
    const [, length] = LENGTH.exec(text.slice(0, end + 2)) ?? [];
    if (Number(length) !== this.#expected.bodyBytes) return { wrong: `content-length ${length ?? 'missing'}` };
    const bodyBytes = chunk.length + this.#text.length - end - HEAD_END.length;
    this.#isInBody = true;
    this.#text = this.#expected.body === undefined ? '' : text.slice(end + HEAD_END.length);
    return this.#readBody(bodyBytes, undefined);
  }

  #readBody(bytes: number, chunk: Buffer | undefined): Reading {
    this.#bodyBytes += bytes;
    const { body, bodyBytes } = this.#expected;
    if (body !== undefined && chunk !== undefined) this.#text += chunk.toString('latin1');
    if (this.#bodyBytes < bodyBytes) return 'more';
    const isRight = this.#bodyBytes === bodyBytes && (body === undefined || this.#text === body);
    this.#text = '';
    this.#bodyBytes = 0;
    this.#isInBody = false;
    return isRight ? 'answered' : { wrong: 'wrong body' };
  }
}
