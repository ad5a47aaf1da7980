/**
 * Looks into a worker thread, which has no watchdog: the primary does it by itself, with the very code that a watchdog runs, over the
 * NodeWorker domain of its own inspector session. Its event loop is always free, and only passes messages on. No port is opened.
 * What a thread does not have: facts of the system about it, and an inspector of its own.
 */
import { Session } from 'node:inspector';
import { Interruptions } from '../channel/interruptions.ts';
import type { ObservationAnswer, ObservationOrder } from '../channel/messages.ts';
import type { InspectedThread } from '../channel/observation.ts';

/** The part of `worker/observer.ts` that is used here. Reached by URL, never by import. */
interface ObserverModule {
  readonly Observer: new (
    connect: () => Promise<InspectedThread>,
    answer: (answer: ObservationAnswer) => void,
  ) => { receive(order: ObservationOrder): void };
}

const OBSERVER = new URL('../worker/observer.js', import.meta.url).href;

type Fields = Readonly<Record<string, unknown>>;

/** @returns what takes the orders; the code behind it is loaded with the first of them */
export function observeThread(threadId: number, answer: (answer: ObservationAnswer) => void): (order: ObservationOrder) => void {
  let observer: Promise<InstanceType<ObserverModule['Observer']>> | undefined;
  return (order) => {
    observer ??= import(OBSERVER).then((module: ObserverModule) => new module.Observer(() => connect(threadId), answer));
    observer.then(
      (loaded) => loaded.receive(order),
      (error: unknown) => {
        if (order.type === 'Observe')
          answer({ type: 'ObservationEnded', request: order.request, error: `this Node can not look into it: ${String(error)}` });
      },
    );
  };
}

/** @throws Error when there is no such thread */
async function connect(threadId: number): Promise<InspectedThread> {
  const thread = new InspectedWorkerThread(threadId);
  await thread.attach();
  return thread;
}

/** `workerId` counts the attachments; only the title tells which thread it is: `[worker 3] name`, on Node 20 to 26. */
function isThread(title: string, threadId: number): boolean {
  return title.startsWith(`[worker ${threadId}]`);
}

interface Waiting {
  resolve(result: Fields): void;
  reject(error: Error): void;
}

class InspectedWorkerThread implements InspectedThread {
  readonly hasInspector = false;
  /** That of the tasks. */
  readonly ownResources = { MessagePort: 1 };
  readonly #threadId: number;
  readonly #session = new Session();
  readonly #interruptions = new Interruptions();
  readonly #listeners = new Map<string, (params: Fields) => void>();
  readonly #waiting = new Map<number, Waiting>();
  #sessionId: string | undefined;
  #nextId = 1;

  constructor(threadId: number) {
    this.#threadId = threadId;
  }

  async attach(): Promise<void> {
    const session = this.#session;
    session.connect();
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#interruptions.keep(() => {
        if (isThread(params.workerInfo.title, this.#threadId)) this.#sessionId = params.sessionId;
        // The others are none of our business, also those that come to life meanwhile.
        else session.post('NodeWorker.detach', { sessionId: params.sessionId }, () => {});
      });
    });
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      this.#interruptions.keep(() => {
        if (params.sessionId === this.#sessionId) this.#receive(JSON.parse(params.message) as Fields);
      });
    });
    session.on('NodeWorker.detachedFromWorker', ({ params }) => {
      this.#interruptions.keep(() => {
        if (params.sessionId === this.#sessionId) this.#lose();
      });
    });
    await new Promise<void>((resolve, reject) => {
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
        // Behind what was heard before.
        this.#interruptions.keep(() => {
          if (error === null) resolve();
          else reject(new Error(error.message));
        });
      });
    });
    if (this.#sessionId !== undefined) return;
    session.disconnect();
    throw new Error('the thread has ended');
  }

  async post(method: string, params: Fields = {}): Promise<Fields> {
    const sessionId = this.#sessionId;
    if (sessionId === undefined) throw new Error('the thread has ended');
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const message = JSON.stringify({ id, method, params });
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
        if (error === null) return;
        this.#waiting.delete(id);
        reject(new Error(error.message));
      });
    });
  }

  on(event: string, listener: (params: Fields) => void): void {
    this.#listeners.set(event, listener);
  }

  disconnect(): void {
    const sessionId = this.#sessionId;
    this.#lose();
    if (sessionId !== undefined) this.#session.post('NodeWorker.detach', { sessionId }, () => {});
    this.#session.disconnect();
  }

  /** Nobody tells which thread of the system it is. */
  facts(): undefined {}

  #receive({ id, method, params, result, error }: Fields): void {
    if (typeof method === 'string') this.#listeners.get(method)?.((params ?? {}) as Fields);
    if (typeof id !== 'number') return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve((result ?? {}) as Fields);
    else waiting?.reject(new Error(String((error as Fields)['message'])));
  }

  #lose(): void {
    this.#sessionId = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(new Error('the thread has ended'));
    this.#waiting.clear();
  }
}
