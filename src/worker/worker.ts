/**
 * The main thread of a worker: boots the handler as the primary orders, runs tasks, drains, exits. It owns the tasks of this
 * worker and nothing else; when the data channel closes there is nobody left to work for, and it ends.
 */
import { decodeToWorker } from '../channel/codec.ts';
import { ProtocolError } from '../channel/frame.ts';
import { Link } from '../channel/link.ts';
import { type BootOptions, type FromWorker, PROTOCOL_VERSION, type ToWorker } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';
import type { HandlerModule } from './handler.ts';
import { leave } from './leave.ts';
import { loadHandler } from './load.ts';
import { Task } from './task.ts';

export class Worker {
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #tasks = new Map<number, Task>();
  #module: HandlerModule | undefined;
  #tasksLeft = Number.POSITIVE_INFINITY;
  #draining = false;

  constructor(transport: Transport) {
    this.#link = new Link<ToWorker, FromWorker>(transport, decodeToWorker, {
      onMessage: (message) => this.#onMessage(message),
      onClose: leave,
    });
    // A service manager signals every process of the service, yet only the primary may decide when a worker ends.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  }

  #onMessage(message: ToWorker): void {
    switch (message.type) {
      case 'Boot':
        void this.#boot(message.options);
        return;
      case 'StartTask':
        this.#start(message);
        return;
      case 'CancelTask':
        this.#tasks.get(message.task)?.cancel();
        return;
      case 'Body':
        if (this.#tasks.get(message.task)?.receiveBody(message.bytes) === false)
          leave(new ProtocolError('more of a body than was allowed'));
        return;
      case 'BodyEnd':
        this.#tasks.get(message.task)?.endBody(message.trailers);
        return;
      case 'BodyAborted':
        this.#tasks.get(message.task)?.cancel();
        return;
      case 'Credit':
        this.#tasks.get(message.task)?.addCredit(message.bytes);
        return;
      case 'Drain':
        this.#draining = true;
        void this.#exitIfDrained();
        return;
    }
  }

  async #boot(options: BootOptions): Promise<void> {
    if (options.protocol !== PROTOCOL_VERSION)
      leave(new ProtocolError(`protocol ${options.protocol}, expected ${PROTOCOL_VERSION}`));
    if (options.taskLimit > 0) this.#tasksLeft = options.taskLimit;
    process.argv[1] = options.entry;
    const loaded = await loadHandler(options.entry, options.typescript);
    if (!loaded.ok) {
      this.#link.send({ type: 'BootFailed', failure: loaded.failure });
      this.#exit();
      return;
    }
    this.#module = loaded.module;
    this.#link.send({ type: 'Ready', protocol: PROTOCOL_VERSION, config: loaded.module.config });
    void this.#exitIfDrained();
  }

  #start(message: Extract<ToWorker, { type: 'StartTask' }>): void {
    const { task: id, head } = message;
    const module = this.#module;
    // The primary starts no task on a worker that is not ready: this one is not ours.
    if (module === undefined || this.#tasks.has(id)) leave(new ProtocolError('a task out of turn'));
    this.#tasksLeft -= 1;
    const task = new Task(id, head, this.#link, () => {
      this.#tasks.delete(id);
      void this.#exitIfDrained();
    });
    this.#tasks.set(id, task);
    void task.run(module.handle);
  }

  async #exitIfDrained(): Promise<void> {
    if (!(this.#draining || this.#tasksLeft <= 0) || this.#tasks.size > 0 || this.#module === undefined) return;
    const module = this.#module;
    this.#module = undefined;
    try {
      await module.teardown();
    } catch (thrown) {
      process.stderr.write(`teardown() failed: ${thrown instanceof Error ? String(thrown.stack) : String(thrown)}\n`);
    }
    this.#exit();
  }

  /** Leaves when the primary has everything that was sent; timers and sockets of the handler do not hold us back. */
  #exit(): void {
    this.#link.end();
  }
}
