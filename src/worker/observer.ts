/**
 * Carries out what the primary wants to know of a thread that may be busy for ever: stack, CPU profile, heap snapshot, inspector. It runs in
 * the watchdog of a worker process, or for a worker thread in the primary, and is loaded when it is first asked. All that goes on at
 * once shares one session of the inspector, which is closed when nothing does: then the thread is as it was. It never throws at its
 * owner: what goes wrong is the last word of the observation, one line for an operator.
 */
import { MAX_BODY_FRAME_BYTES } from '../channel/frame.ts';
import type { ObservationAnswer, ObservationOrder } from '../channel/messages.ts';
import type { InspectedThread, Observation } from '../channel/observation.ts';
import { SendWindow } from '../channel/window.ts';
import { evaluate } from './evaluate.ts';
import { observeHeap } from './observe-heap.ts';
import { type InspectorUse, observeInspector } from './observe-inspector.ts';
import { observeProfile } from './observe-profile.ts';
import { observeStack } from './observe-stack.ts';
import { StackSampler } from './stack-sampler.ts';

/** Enough for a person and a few programs; each may hold a window of bytes. */
const MOST_AT_ONCE = 16;

/** What is open as long as anything is observed. */
interface Session {
  readonly thread: InspectedThread;
  readonly sampler: StackSampler;
  readonly inspector: InspectorUse;
  profiling: boolean;
  snapshooting: boolean;
}

interface Running {
  readonly window: SendWindow;
  readonly ending: AbortController;
}

export class Observer {
  readonly #connect: () => InspectedThread | Promise<InspectedThread>;
  readonly #answer: (answer: ObservationAnswer) => void;
  readonly #running = new Map<number, Running>();
  #session: Promise<Session> | undefined;
  #users = 0;

  constructor(connect: () => InspectedThread | Promise<InspectedThread>, answer: (answer: ObservationAnswer) => void) {
    this.#connect = connect;
    this.#answer = answer;
  }

  receive(order: ObservationOrder): void {
    switch (order.type) {
      case 'Observe':
        void this.#run(order.request, order.observation);
        return;
      case 'ObservationCredit':
        this.#running.get(order.request)?.window.add(order.bytes);
        return;
      case 'EndObservation':
        this.#running.get(order.request)?.ending.abort(new Error('it was ended before the answer was complete'));
        return;
    }
  }

  async #run(request: number, observation: Observation): Promise<void> {
    let error = '';
    try {
      if (this.#running.size >= MOST_AT_ONCE)
        throw new Error(`${MOST_AT_ONCE} others look into it at this moment: try again when one of them has ended`);
      const running = { window: new SendWindow(), ending: new AbortController() };
      this.#running.set(request, running);
      await this.#observe(observation, running.ending.signal, (bytes) => this.#send(request, running, bytes));
    } catch (thrown) {
      error = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';
      if (error === '') error = 'it failed without a reason';
    }
    this.#running.delete(request);
    this.#answer({ type: 'ObservationEnded', request, error });
  }

  async #observe(observation: Observation, signal: AbortSignal, send: (bytes: Buffer) => Promise<void>): Promise<void> {
    const session = await this.#enter();
    const { thread } = session;
    const ask = (expression: string): Promise<unknown> => session.sampler.between(() => evaluate(thread, expression));
    try {
      switch (observation.what) {
        case 'stack':
          if (session.inspector.users > 0)
            throw new Error('a debugger may be attached to it, and would be disturbed: end "prefork inspect" first');
          await send(asJson(await observeStack(thread, session.sampler, observation, signal)));
          return;
        case 'profile':
          if (session.profiling) throw new Error('a CPU profile of it is being taken already: try again when that one is done');
          session.profiling = true;
          try {
            await send(asJson(await observeProfile(thread, observation, signal, ask)));
          } finally {
            session.profiling = false;
          }
          return;
        case 'heap':
          if (session.snapshooting)
            throw new Error('a snapshot of its heap is being taken already: try again when that one is done');
          session.snapshooting = true;
          try {
            await observeHeap(thread, observation, signal, ask, send);
          } finally {
            session.snapshooting = false;
          }
          return;
        case 'inspector':
          await observeInspector(
            thread,
            session.inspector,
            signal,
            session.sampler.closed(),
            () => session.sampler.once(),
            ask,
            (url) => send(Buffer.from(url)),
          );
          return;
      }
    } finally {
      this.#leave(session);
    }
  }

  /** The first one in opens the session. */
  async #enter(): Promise<Session> {
    this.#users += 1;
    try {
      this.#session ??= this.#open();
      return await this.#session;
    } catch (error) {
      this.#users -= 1;
      if (this.#users === 0) this.#session = undefined;
      throw error;
    }
  }

  async #open(): Promise<Session> {
    const thread = await this.#connect();
    const sampler = new StackSampler(thread);
    return {
      thread,
      sampler,
      inspector: { users: 0, isOurs: false, closing: Promise.resolve() },
      profiling: false,
      snapshooting: false,
    };
  }

  /** The last one out closes it. */
  #leave({ thread }: Session): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#session = undefined;
    thread.disconnect();
  }

  /** Hands out bytes as the asker takes them: what is not taken stays where it is. */
  async #send(request: number, { window, ending }: Running, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_BODY_FRAME_BYTES) {
      const piece = bytes.subarray(at, at + MAX_BODY_FRAME_BYTES);
      if (!window.isOpen) await opened(window, ending.signal);
      ending.signal.throwIfAborted();
      window.spend(piece.length);
      this.#answer({ type: 'Observed', request, bytes: piece });
    }
  }
}

function asJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Resolves when the asker takes more, and when it wants none. */
function opened(window: SendWindow, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const goOn = (): void => {
      signal.removeEventListener('abort', goOn);
      resolve();
    };
    window.onceOpen(goOn);
    signal.addEventListener('abort', goOn);
    if (signal.aborted) goOn();
  });
}
