/**
 * What is being asked about one worker at this moment: hands out the numbers of the questions, and brings each answer to who asked.
 * When the worker can answer no more, all of them are told why, at once.
 */
import type { ObservationAnswer, ObservationOrder } from '../channel/messages.ts';
import type { Observation } from '../channel/observation.ts';
import { ReceiveWindow } from '../channel/window.ts';

/** Who asked. `onEnd` is called once and last; its error says in one line why the answer is none or not complete, and is empty when it is. */
export interface ObservationListener {
  onBytes(bytes: Buffer): void;
  onEnd(error: string): void;
}

export interface OpenObservation {
  /** So many bytes of the answer are dealt with, and as many more may come. */
  consume(bytes: number): void;
  /** Nothing more of the answer is wanted. The worker goes on as if it had not been asked; `onEnd` comes when it does. */
  end(): void;
}

interface Asked {
  readonly observation: Observation;
  readonly listener: ObservationListener;
  readonly window: ReceiveWindow;
}

/** Where the bits of a number on the wire end. */
const MOST_REQUESTS = 2 ** 32;

export class Observations {
  readonly #send: (order: ObservationOrder) => void;
  readonly #asked = new Map<number, Asked>();
  #next = 1;
  /** Why nothing can be asked any more. */
  #over: string | undefined;
  /** Whether anything was ever asked. */
  used = false;

  constructor(send: (order: ObservationOrder) => void) {
    this.#send = send;
  }

  isOpen(what: Observation['what']): boolean {
    return [...this.#asked.values()].some(({ observation }) => observation.what === what);
  }

  open(observation: Observation, listener: ObservationListener): OpenObservation {
    const request = this.#next;
    this.#next = (this.#next + 1) % MOST_REQUESTS;
    if (this.#over !== undefined) {
      const why = this.#over;
      queueMicrotask(() => listener.onEnd(why));
      return { consume() {}, end() {} };
    }
    this.used = true;
    const window = new ReceiveWindow();
    this.#asked.set(request, { observation, listener, window });
    this.#send({ type: 'Observe', request, observation });
    return {
      consume: (bytes) => {
        const credit = window.consume(bytes);
        if (credit > 0 && this.#asked.has(request)) this.#send({ type: 'ObservationCredit', request, bytes: credit });
      },
      end: () => {
        if (this.#asked.has(request)) this.#send({ type: 'EndObservation', request });
      },
    };
  }

  /** @returns false when the worker does not keep to the protocol. A late word about a question that is over is nothing. */
  receive(answer: ObservationAnswer): boolean {
    const asked = this.#asked.get(answer.request);
    if (asked === undefined) return true;
    if (answer.type === 'ObservationEnded') {
      this.#asked.delete(answer.request);
      asked.listener.onEnd(answer.error);
      return true;
    }
    if (!asked.window.receive(answer.bytes.length)) return false;
    asked.listener.onBytes(answer.bytes);
    return true;
  }

  /** The worker will answer nothing more. */
  close(why: string): void {
    this.#over ??= why;
    const asked = [...this.#asked];
    this.#asked.clear();
    for (const [request, { listener }] of asked) {
      // What looks into a thread lives on in this process.
      this.#send({ type: 'EndObservation', request });
      listener.onEnd(why);
    }
  }
}
