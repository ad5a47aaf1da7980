import { costOf, encodeWord } from './stream-words.ts';
import { decodeValue } from './value.ts';
import { ReceiveWindow } from './window.ts';

interface Waiting {
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

type End = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown };

/** Where its credit goes, and how its bytes turn into values. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly decode: (bytes: Buffer) => unknown;
}

const NOT_CONNECTED: Ways = { send: () => {}, decode: decodeValue };

const DONE = { done: true, value: undefined } as const;

/** One stream on the side of whoever reads it: an iterator over what has come, which allows the sender more as values are taken. */
export class StreamReceiver {
  readonly #stream: number;
  readonly #window = new ReceiveWindow();
  #ways: Ways;
  /** Of a value that is not complete yet. */
  #pieces: Buffer[] = [];
  readonly #values: { readonly value: unknown; readonly cost: number }[] = [];
  readonly #waiting: Waiting[] = [];
  #end: End | undefined;

  constructor(stream: number, ways = NOT_CONNECTED) {
    this.#stream = stream;
    this.#ways = ways;
  }

  /** Before anything comes. */
  connect(ways: Ways): void {
    this.#ways = ways;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /**
   * @returns false when the sender sent more than it was allowed
   * @throws ProtocolError when the bytes are no value
   */
  receive(bytes: Buffer, isLast: boolean): boolean {
    if (this.isOver) return true;
    const cost = costOf(bytes);
    if (!this.#window.receive(cost)) return false;
    this.#pieces.push(bytes);
    // The rest of a value that is larger than the window has to come as well.
    if (!isLast) this.#allow(cost);
    else this.#take(this.#ways.decode(this.#whole()), cost);
    return true;
  }

  /** @returns what was thrown, whose last piece this is */
  thrown(last: Buffer): unknown {
    this.#pieces.push(last);
    return decodeValue(this.#whole());
  }

  #whole(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  #take(value: unknown, cost: number): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#values.push({ value, cost });
      return;
    }
    waiting.resolve({ done: false, value });
    this.#allow(cost);
  }

  #allow(cost: number): void {
    const allowed = this.#window.consume(cost);
    if (allowed > 0) this.#ways.send(encodeWord({ kind: 'credit', stream: this.#stream, allowed }));
  }

  /** The next value, if it has come. */
  take(): { readonly value: unknown } | undefined {
    const taken = this.#values.shift();
    if (taken !== undefined && !this.isOver) this.#allow(taken.cost);
    return taken;
  }

  next(): Promise<IteratorResult<unknown>> {
    const taken = this.take();
    if (taken !== undefined) return Promise.resolve({ done: false, value: taken.value });
    if (this.#end === undefined) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    if (this.#end.kind === 'done') return Promise.resolve(DONE);
    const { error } = this.#end;
    // As of a generator: it is thrown once.
    this.#end = { kind: 'done' };
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- what was thrown is thrown again, whatever it is.
    return Promise.reject(error);
  }

  /** Nothing more comes; what has come is still to be read. */
  end(): void {
    this.#over({ kind: 'done' });
  }

  fail(error: unknown): void {
    this.#over({ kind: 'failed', error });
  }

  /** What has come is not wanted any more. */
  drop(): void {
    this.#values.length = 0;
    this.#pieces.length = 0;
  }

  #over(end: End): void {
    if (this.isOver) return;
    this.#end = end;
    const first = this.#waiting.shift();
    if (first !== undefined && end.kind === 'failed') {
      this.#end = { kind: 'done' };
      first.reject(end.error);
    } else first?.resolve(DONE);
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(DONE);
  }
}
