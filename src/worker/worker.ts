/**
 * The main thread of a worker: boots the handler as the primary orders, runs tasks, drains, exits. It owns the tasks of this
 * worker and nothing else; when the data channel closes there is nobody left to work for, and it ends.
 */
import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setImmediate, setTimeout } from 'node:timers';
import { Claims } from '../channel/claims.ts';
import { decodeToWorker } from '../channel/codec.ts';
import { ProtocolError } from '../channel/frame.ts';
import type { JournalWriter } from '../channel/journal.ts';
import { Link } from '../channel/link.ts';
import { type BootOptions, type FromWorker, PROTOCOL_VERSION, type ToWorker } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';
import { leave } from './leave.ts';
import { type Loaded, loadCalls, loadRequests, type Rehearsal, type Start, type StartedTask } from './loaded.ts';
import { toRemoteError } from './remote-error.ts';
import { TasksAtWork } from './tasks-at-work.ts';
import type { Tunnels } from './tunnels.ts';

/** How long what is said of brief tasks may wait for the next ones to be over, ms: then it goes out, and more can be sent. */
const GATHER_MS = 0.1;
/** And of how many tasks: the primary takes longer over each than the briefest ones do, and is not to wait until all are over. */
const MOST_GATHERED = 16;

export class Worker {
  readonly #link: Link<ToWorker, FromWorker>;
  readonly #claims: Claims;
  /** What no task belongs to. Nothing of a handler runs right in here: what it enters (`enterWith`) would stay for all after it. */
  readonly #scope = new AsyncResource('prefork');
  readonly #tasks = new TasksAtWork<StartedTask>();
  /** Sent ahead, in the order of their turns. */
  readonly #waiting: Start[] = [];
  /** One was announced, and waits for the system to take the announcement. */
  #announcing = false;
  /** Messages that came together are taken, or tasks are being begun one after the other: what waits is looked at afterwards. */
  #isGathering = false;
  #isStarting = false;
  #flushedMs = 0;
  #gathered = 0;
  readonly #thread: number;
  /** Begun without a word, of which only the journal tells until this turn ends. Only where nothing else can say something meanwhile. */
  #untold: number[] = [];
  readonly #tellBegun = (): void => {
    const untold = this.#untold;
    this.#untold = [];
    for (const task of untold) if (this.#tasks.get(task) !== undefined) this.#link.send({ type: 'TaskStarted', task });
  };
  #concurrency = 1;
  /** Connections that the handler has taken over. */
  #tunnels: Tunnels | undefined;
  #module: Loaded | undefined;
  #tasksLeft = Number.POSITIVE_INFINITY;
  #draining = false;
  /** A task was begun: what was to be rehearsed is done in earnest. */
  #hasBegun = false;

  /** @param thread where it is one: its journal, and what the system calls it; a process has a journal when the primary shares memory with it */
  constructor(transport: Transport, claims: Claims, thread?: { readonly journal: JournalWriter; readonly systemId: number }) {
    this.#claims = claims;
    this.#thread = thread?.systemId ?? 0;
    this.#link = new Link<ToWorker, FromWorker>(transport, decodeToWorker, {
      onMessage: (message) => this.#onMessage(message),
      onBurst: () => {
        // What is said of other things from here on would hide from the journal that it has begun.
        this.#tellBegun();
        this.#isGathering = true;
      },
      onBurstEnd: () => {
        this.#isGathering = false;
        this.#goOn();
      },
      onClose: leave,
    });
    if (thread !== undefined) this.#link.use(thread.journal);
  }

  /** Runs calls or requests on a worker that nobody knows of. Those of one turn are over when it ends. */
  async #rehearse({ restMs, turns, begin }: Rehearsal): Promise<void> {
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs).unref());
    const play = this.#hasBegun || this.#draining ? undefined : begin();
    if (play === undefined) return;
    const { module, transport, frames } = play;
    const worker = new Worker(transport, new Claims());
    worker.#module = module;
    for (let turn = 0; turn < turns && !this.#hasBegun && !this.#draining; turn += 1) {
      for (const frame of frames) transport.receive(frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #onMessage(message: ToWorker): void {
    switch (message.type) {
      case 'Boot':
        void this.#boot(message.options);
        return;
      case 'StartTask':
      case 'StartCall':
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
      case 'Stream':
        if (this.#tasks.get(message.task)?.receiveStream?.(message.bytes) === false)
          leave(new ProtocolError('more of a stream than was allowed'));
        return;
      case 'Drain':
        this.#draining = true;
        this.#exitIfDrained();
        return;
    }
  }

  #get(task: number): StartedTask | undefined {
    return this.#tasks.get(task) ?? this.#tunnels?.get(task);
  }

  async #boot(options: BootOptions): Promise<void> {
    if (options.protocol !== PROTOCOL_VERSION)
      leave(new ProtocolError(`protocol ${options.protocol}, expected ${PROTOCOL_VERSION}`));
    if (options.taskLimit > 0) this.#tasksLeft = options.taskLimit;
    this.#concurrency = options.concurrency;
    process.argv[1] = options.entry;
    const { entry, typescript, functions, sharesMemory } = options;
    if (sharesMemory) {
      const { openJournal, openSideWay } = await import('./sockets.ts');
      this.#link.share(await openSideWay());
      this.#link.use(await openJournal());
    }
    const loaded = functions === null ? await loadRequests(entry, typescript) : await loadCalls(entry, typescript, functions);
    if (!loaded.ok) {
      this.#link.send({ type: 'BootFailed', failure: loaded.failure });
      this.#exit();
      return;
    }
    this.#module = loaded.module;
    this.#tunnels = loaded.module.openTunnels?.(this.#link, () => this.#exitIfDrained());
    this.#link.send({ type: 'Ready', protocol: PROTOCOL_VERSION, config: loaded.config, thread: this.#thread });
    this.#link.flush();
    void this.#rehearse(loaded.rehearsal);
    this.#exitIfDrained();
  }

  #receive(message: Start): void {
    // The primary sends no task to a worker that is not ready: this one is not ours.
    if (this.#module === undefined || this.#get(message.task) !== undefined) leave(new ProtocolError('a task out of turn'));
    if (message.ahead) this.#waiting.push(message);
    else if (this.#mayStart(message)) {
      this.#link.flush();
      this.#start(message);
    }
  }

  #mayStart({ task, slot }: Start): boolean {
    if (this.#claims.start(slot, task)) return true;
    this.#link.handed?.forget(task);
    this.#link.send({ type: 'TaskSkipped', task, slot });
    return false;
  }

  /** Begins what was sent ahead, as far as there is room. */
  #startNext(): void {
    this.#isStarting = true;
    while (!this.#announcing && this.#tasks.size < this.#concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (this.#mayStart(next)) this.#begin(next);
    }
    this.#isStarting = false;
  }

  /** The primary can know of it before it begins, whatever becomes of this process then. */
  #begin(next: Start): void {
    const { task } = next;
    const isAwaited = this.#module?.isAwaited(next) === true;
    if (isAwaited) this.#link.send({ type: 'TaskStarted', task });
    if (this.#link.keep(task)) {
      this.#start(next);
      if (!isAwaited && this.#tasks.get(task) !== undefined) this.#tellSoon(task);
      this.#flushIfDue();
      return;
    }
    // Where nothing can be kept the system has to have it.
    if (!isAwaited) this.#link.send({ type: 'TaskStarted', task });
    this.#announcing = true;
    this.#link.whenTaken(() => {
      this.#announcing = false;
      this.#start(next);
      this.#goOn();
    });
  }

  #tellSoon(task: number): void {
    // Those that it shares the worker with go on to say something.
    if (this.#concurrency > 1 || this.#tunnels !== undefined) this.#link.send({ type: 'TaskStarted', task });
    // Most are over within this turn.
    else if (this.#untold.push(task) === 1) setImmediate(this.#tellBegun);
  }

  #start(message: Start): void {
    const module = this.#module;
    if (module === undefined) return;
    this.#tasksLeft -= 1;
    this.#hasBegun = true;
    // An asynchronous context of its own: neither that of the task whose end lets it begin, nor one that any other will be called in.
    const scope = this.#scope.runInAsyncScope(() => new AsyncResource('prefork-task'));
    if (message.type === 'StartTask' && message.head.isTunnel) {
      const { task, head } = message;
      if (this.#tunnels !== undefined) scope.runInAsyncScope(() => this.#tunnels?.start(task, head));
      // The code before this one took it, and it came while that was replaced.
      else
        this.#link.send({ type: 'TaskFailed', task, micros: 0, error: toRemoteError(new Error('it takes no such connection')) });
      return;
    }
    scope.runInAsyncScope(() => {
      let isOver = false;
      const task = module.start(message, this.#link, () => {
        isOver = true;
        this.#tasks.delete(message.task);
        this.#goOn();
        this.#exitIfDrained();
      });
      // A function may be over before it is known here.
      if (!isOver) this.#tasks.add(message.task, task);
    });
  }

  /**
   * After each task, and after messages that came together. What is said of brief tasks goes out together when they are all over, but never
   * late: the next one may compute for minutes, or what one has left behind may end this process, so it is kept first.
   */
  #goOn(): void {
    if (this.#isStarting || this.#isGathering) return;
    this.#startNext();
    if (this.#isFree) this.#link.flush();
    else if (!this.#flushIfDue() && !this.#link.keep(0)) this.#link.flush();
  }

  #flushIfDue(): boolean {
    const nowMs = performance.now();
    this.#gathered += 1;
    if (nowMs - this.#flushedMs < GATHER_MS && this.#gathered < MOST_GATHERED) return false;
    this.#flushedMs = nowMs;
    this.#gathered = 0;
    this.#link.flush();
    return true;
  }

  get #isFree(): boolean {
    return this.#tasks.size === 0 && this.#waiting.length === 0 && !this.#announcing;
  }

  /** Is asked after each task. */
  #exitIfDrained(): void {
    // One that has served enough goes on until its connections end; one that is to end, ends them.
    const mayEnd = this.#draining || (this.#tasksLeft <= 0 && (this.#tunnels?.size ?? 0) === 0);
    if (!mayEnd || !this.#isFree || this.#module === undefined) return;
    const module = this.#module;
    this.#module = undefined;
    void this.#tearDown(module);
  }

  async #tearDown(module: Loaded): Promise<void> {
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
