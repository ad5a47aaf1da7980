/**
 * The streams of one call inside a worker: those among its arguments, which the function reads, and that of its result, which the caller
 * reads. It is loaded by the first call that has any.
 */
import { errorClasses, reviveThrown } from '../channel/revive.ts';
import { isAsyncIterable } from '../channel/crossing.ts';
import type { StreamArguments } from '../channel/stream-arguments.ts';
import { StreamReceiver } from '../channel/stream-receiver.ts';
import { StreamSender } from '../channel/stream-sender.ts';
import { decodeWord, encodeWord } from '../channel/stream-words.ts';
import type { EncodedValue } from '../channel/value.ts';
import { callError, PreforkError } from './call-error.ts';
import { readableOf } from './readable-input.ts';

type AnyFunction = (...args: unknown[]) => unknown;

const CLASSES = errorClasses([PreforkError]);

/** What a stream needs of its call. */
interface Ways {
  readonly send: (word: Buffer) => void;
  readonly encode: (value: unknown, path: string) => EncodedValue;
  readonly decode: (bytes: Buffer) => unknown;
}

export class CallStreams {
  readonly #ways: Ways;
  readonly #inputs = new Map<number, StreamReceiver>();
  #output: StreamSender | undefined;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  /**
   * Puts streams where the caller had them.
   *
   * @param args as they came; what tells of streams is taken from their end
   * @returns what is to be called in place of the function: it is over when its stream is
   */
  open(args: unknown[], call: AnyFunction, name: string): AnyFunction {
    const { inputs, output } = args.pop() as StreamArguments;
    for (const [position, { index, kind }] of inputs.entries()) {
      const input = this.#receiver(position + 1);
      args[index] = kind === 'readable' ? readableOf(input) : input;
    }
    if (!output) return call;
    const sender = (this.#output = new StreamSender(0, 'result', this.#ways));
    return async (...given) => sender.pump(iteratorOf(await call(...given), name));
  }

  #receiver(stream: number): AsyncIterableIterator<unknown> {
    const { send } = this.#ways;
    const receiver = new StreamReceiver(stream, this.#ways);
    this.#inputs.set(stream, receiver);
    return {
      next: () => receiver.next(),
      return: (value?: unknown) => {
        if (!receiver.isOver) send(encodeWord({ kind: 'cancelled', stream }));
        receiver.end();
        receiver.drop();
        return Promise.resolve({ done: true, value });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** @returns false when the primary sent more than was allowed */
  receive(bytes: Buffer): boolean {
    const word = decodeWord(bytes);
    if (word.kind === 'credit') {
      this.#output?.addCredit(word.allowed);
      return true;
    }
    const input = this.#inputs.get(word.stream);
    if (input === undefined) return false;
    switch (word.kind) {
      case 'piece':
      case 'value':
        return input.receive(word.bytes, word.kind === 'value');
      case 'failed':
        input.fail(reviveThrown(input.thrown(word.bytes), CLASSES));
        return true;
      case 'ended':
        input.end();
        return true;
      case 'cancelled':
        return false;
    }
  }

  /** The call is over: what it did not read is not wanted, and the caller knows. */
  close(): void {
    for (const input of this.#inputs.values()) {
      input.drop();
      input.end();
    }
  }

  /** Nobody waits for the call any more: its source is ended, and what it reads fails. */
  cancel(reason: unknown): void {
    this.#output?.stop();
    for (const input of this.#inputs.values()) {
      input.drop();
      input.fail(reason);
    }
  }
}

function iteratorOf(result: unknown, name: string): AsyncIterator<unknown> {
  if (isAsyncIterable(result)) return result[Symbol.asyncIterator]();
  if (isIterator(result)) return awaitEach(result);
  const found = result === null ? 'null' : Array.isArray(result) ? 'an array' : `a value of type ${typeof result}`;
  const message = `${name}: found ${found} as its result, expected an async iterable or a ReadableStream: call it by pool.call`;
  throw callError('ERR_NO_STREAM', 'handler', message);
}

/** What a generator function returns; an array or a Map is a value. */
function isIterator(value: unknown): value is IterableIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

async function* awaitEach(values: Iterable<unknown>): AsyncGenerator {
  yield* values;
}
