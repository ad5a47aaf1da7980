/**
 * The main thread of a worker: boots the handler as the primary orders, runs tasks, drains, exits. It owns the tasks of this
 * worker and nothing else; when the data channel closes there is nobody left to work for, and it ends.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Claims } from '../channel/claims.ts';
import { decodeToWorker } from '../channel/codec.ts';
import { ProtocolError } from '../channel/frame.ts';
import { Link } from '../channel/link.ts';
import { type BootOptions, type FromWorker, PROTOCOL_VERSION, type StartTask, type ToWorker } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';
import { leave } from './leave.ts';
import { loadHandler, type LoadedModule } from './load.ts';
import { toRemoteError } from './remote-error.ts';
import { Task } from './task.ts';
import type { Tunnels } from './tunnels.ts';

export class Worker {
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #claims: Claims;
  /** What no task belongs to. Nothing of a handler runs right in here: what it enters (`enterWith`) would stay for all after it. */
  readonly #scope = new AsyncResource('prefork');
  readonly #tasks = new Map<number, Task>();
  /** Sent ahead, in the order of their turns. */
  readonly #waiting: StartTask[] = [];
  /** One was announced, and waits for the system to take the announcement. */
  #announcing = false;
  #concurrency = 1;
  /** Where the handler takes connections over. */
  #tunnels: Tunnels | undefined;
  #module: LoadedModule | undefined;
  #tasksLeft = Number.POSITIVE_INFINITY;
  #draining = false;

  constructor(transport: Transport, claims: Claims) {
    this.#claims = claims;
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
        this.#receive(message);
        return;
      case 'Ping':
        this.#link.send({ type: 'Pong' });
        return;
      case 'CancelTask':
        this.#get(message.task)?.cancel();
        return;
      case 'Body':
        if (this.#get(message.task)?.receiveBody(message.bytes) === false)
          leave(new ProtocolError('more of a body than was allowed'));
        return;
      case 'BodyEnd':
        this.#get(message.task)?.endBody(message.trailers);
        return;
      case 'BodyAborted':
        this.#get(message.task)?.cancel();
        return;
      case 'Credit':
        this.#get(message.task)?.addCredit(message.bytes);
        return;
      case 'Drain':
        this.#draining = true;
        void this.#exitIfDrained();
        return;
    }
  }

  #get(task: number): Task | ReturnType<Tunnels['get']> {
    return this.#tasks.get(task) ?? this.#tunnels?.get(task);
  }

  async #boot(options: BootOptions): Promise<void> {
    if (options.protocol !== PROTOCOL_VERSION)
      leave(new ProtocolError(`protocol ${options.protocol}, expected ${PROTOCOL_VERSION}`));
    if (options.taskLimit > 0) this.#tasksLeft = options.taskLimit;
    this.#concurrency = options.concurrency;
    process.argv[1] = options.entry;
    const loaded = await loadHandler(options.entry, options.typescript);
    if (!loaded.ok) {
      this.#link.send({ type: 'BootFailed', failure: loaded.failure });
      this.#exit();
      return;
    }
    if (loaded.module.config.takes !== undefined) await this.#loadTunnels();
    this.#module = loaded.module;
    this.#link.send({ type: 'Ready', protocol: PROTOCOL_VERSION, config: loaded.module.config });
    void this.#exitIfDrained();
  }

  async #loadTunnels(): Promise<void> {
    const { Tunnels } = await import('./tunnels.ts');
    this.#tunnels = new Tunnels(this.#link, () => void this.#exitIfDrained());
  }

  #receive(message: StartTask): void {
    // The primary sends no task to a worker that is not ready: this one is not ours.
    if (this.#module === undefined || this.#get(message.task) !== undefined) leave(new ProtocolError('a task out of turn'));
    if (message.ahead) {
      this.#waiting.push(message);
      this.#startNext();
    } else if (this.#mayStart(message)) this.#start(message);
  }

  #mayStart({ task, slot }: StartTask): boolean {
    if (this.#claims.start(slot, task)) return true;
    this.#link.send({ type: 'TaskSkipped', task, slot });
    return false;
  }

  /** Begins what was sent ahead, as far as there is room. */
  #startNext(): void {
    while (!this.#announcing && this.#tasks.size < this.#concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!this.#mayStart(next)) continue;
      this.#announcing = true;
      this.#link.send({ type: 'TaskStarted', task: next.task });
      // The handler may compute for minutes, or end the process: what was said so far has to be out.
      this.#link.whenTaken(() => {
        this.#announcing = false;
        this.#start(next);
        this.#startNext();
      });
    }
  }

  #start({ task: id, head }: StartTask): void {
    const module = this.#module;
    if (module === undefined) return;
    this.#tasksLeft -= 1;
    // An asynchronous context of its own: neither that of the task whose end lets it begin, nor one that any other will be called in.
    const scope = this.#scope.runInAsyncScope(() => new AsyncResource('prefork-task'));
    if (head.isTunnel) {
      const handle = module.tunnels[head.method === 'CONNECT' ? 'connect' : 'upgrade'];
      const tunnels = this.#tunnels;
      if (handle !== undefined && tunnels !== undefined) scope.runInAsyncScope(() => tunnels.start(id, head, handle));
      // The code before this one took it, and it came while that was replaced.
      else this.#link.send({ type: 'TaskFailed', task: id, error: toRemoteError(new Error('it takes no such connection')) });
      return;
    }
    scope.runInAsyncScope(() => {
      const task = new Task(id, head, this.#link, () => {
        this.#tasks.delete(id);
        this.#startNext();
        void this.#exitIfDrained();
      });
      this.#tasks.set(id, task);
      void task.run(module.handle);
    });
  }

  get #isFree(): boolean {
    return this.#tasks.size === 0 && this.#waiting.length === 0 && !this.#announcing;
  }

  async #exitIfDrained(): Promise<void> {
    // One that has served enough goes on until its connections end; one that is to end, ends them.
    const mayEnd = this.#draining || (this.#tasksLeft <= 0 && (this.#tunnels?.size ?? 0) === 0);
    if (!mayEnd || !this.#isFree || this.#module === undefined) return;
    const module = this.#module;
    this.#module = undefined;
    try {
      await module.teardown();
    } catch (thrown) {
      process.stderr.write(`teardown() failed: ${thrown instanceof Error ? String(thrown.stack) : String(thrown)}\n`);
    }
    await this.#tunnels?.close();
    this.#exit();
  }

  /** Leaves when the primary has everything that was sent; timers and sockets of the handler do not hold us back. */
  #exit(): void {
    this.#link.end();
  }
}
