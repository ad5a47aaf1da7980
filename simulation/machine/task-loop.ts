/** What the main thread of a worker does with tasks, message by message: `src/worker/worker.ts`, `task.ts` and `tunnels.ts` in small. */
import type { Clock } from '../kernel/clock.ts';
import type { EventLoop } from './event-loop.ts';
import type { FromMain, Sending, ToMain } from './messages.ts';

interface RunningTask {
  readonly sending: Sending;
  readonly beganMs: number;
  step: number;
}

/** What `teardown()` has said goodbye to has this long to close: `tunnels.ts`. */
const GOODBYE_MS = 1000;

export interface TaskLoopListener {
  /** @param mayWait whether it may go out later, with what is said next: the loop goes on at once */
  tell(message: FromMain, mayWait?: boolean): void;
  /** The event loop turns: what waits to go out does. */
  flush(): void;
  begun(sending: Sending): void;
  /** The process ends because its work is done; because a task made it end. */
  leave(): void;
  crash(): void;
}

export class TaskLoop {
  readonly #loop: EventLoop;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #listener: TaskLoopListener;
  readonly #running = new Map<Sending, RunningTask>();
  /** Connections that it holds. */
  readonly #tunnels = new Map<Sending, RunningTask>();
  /** Sent ahead, in the order of their turns. */
  #waiting: Sending[] = [];
  /** One was announced, and begins in the next turn of the loop. */
  #announcing = false;
  #isOpen = false;
  #tasksLeft: number;
  #draining = false;
  served = 0;

  constructor(
    loop: EventLoop,
    clock: Clock,
    { concurrency, taskLimit }: { readonly concurrency: number; readonly taskLimit: number },
    listener: TaskLoopListener,
  ) {
    this.#loop = loop;
    this.#clock = clock;
    this.#concurrency = concurrency;
    this.#tasksLeft = taskLimit === 0 ? Number.POSITIVE_INFINITY : taskLimit;
    this.#listener = listener;
  }

  /** The handler is loaded. */
  open(): void {
    this.#isOpen = true;
    this.#listener.tell({ type: 'Ready' });
    this.#leaveIfDone();
  }

  receive(message: ToMain): void {
    switch (message.type) {
      case 'StartTask':
        if (!this.#isOpen)
          throw new Error(`worker ${message.sending.worker} got task ${message.sending.task} before it was ready`);
        if (message.sending.ahead) {
          this.#waiting.push(message.sending);
          this.#startNext();
        } else if (this.#claim(message.sending)) this.#start(message.sending);
        return;
      case 'CancelTask': {
        const task = this.#running.get(message.sending);
        if (task?.sending.script.heedsCancel === true) this.#finish(task);
        const tunnel = this.#tunnels.get(message.sending);
        if (tunnel !== undefined) this.#close(tunnel);
        return;
      }
      case 'Ping':
        this.#listener.tell({ type: 'Pong' });
        return;
      case 'Drain':
        this.#draining = true;
        this.#leaveIfDone();
    }
  }

  #claim(sending: Sending): boolean {
    if (sending.claim === 'open') sending.claim = 'started';
    if (sending.claim === 'started') return true;
    this.#listener.tell({ type: 'TaskSkipped', sending });
    return false;
  }

  #startNext(): void {
    while (!this.#announcing && this.#running.size < this.#concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      if (!this.#claim(next)) continue;
      this.#announcing = true;
      this.#listener.tell({ type: 'TaskStarted', sending: next }, true);
      this.#loop.add(0, () => {
        this.#announcing = false;
        this.#start(next);
        this.#startNext();
      });
    }
    if (this.#waiting.length === 0 && this.#running.size === 0 && !this.#announcing) this.#listener.flush();
    this.#leaveIfDone();
  }

  #start(sending: Sending): void {
    this.served += 1;
    this.#tasksLeft -= 1;
    this.#listener.begun(sending);
    const task = { sending, beganMs: this.#clock.nowMs, step: 0 };
    (sending.script.isTunnel === true ? this.#tunnels : this.#running).set(sending, task);
    this.#step(task);
  }

  #step(task: RunningTask): void {
    const step = task.sending.script.steps[task.step];
    if (step === undefined && task.sending.script.isTunnel === true) this.#close(task);
    else if (step === undefined) this.#finish(task);
    else if (step.kind === 'compute') this.#loop.add(step.ms, () => this.#afterStep(task));
    else {
      this.#listener.flush();
      this.#clock.after(step.ms, () => this.#loop.add(0, () => this.#afterStep(task)));
    }
  }

  #afterStep(task: RunningTask): void {
    const { sending } = task;
    // It may have been cancelled between two steps.
    if (!this.#running.has(sending) && !this.#tunnels.has(sending)) return;
    if (sending.script.crashAfter === task.step) {
      this.#listener.crash();
      return;
    }
    if (sending.script.commitAfter === task.step) this.#listener.tell({ type: 'TaskCommitted', sending });
    task.step += 1;
    this.#step(task);
  }

  #finish({ sending, beganMs }: RunningTask): void {
    this.#running.delete(sending);
    const ended = { type: 'TaskEnded', sending, ranMs: this.#clock.nowMs - beganMs } as const;
    this.#listener.tell(ended, this.#waiting.length > 0 && this.#running.size === 0);
    const { leftover } = sending.script;
    if (leftover?.afterMs === 0) this.#loop.add(leftover.computeMs, () => {});
    else if (leftover !== undefined) this.#clock.after(leftover.afterMs, () => this.#loop.add(leftover.computeMs, () => {}));
    this.#loop.add(0, () => this.#startNext());
  }

  #close({ sending, beganMs }: RunningTask): void {
    this.#tunnels.delete(sending);
    this.#listener.tell({ type: 'TaskEnded', sending, ranMs: this.#clock.nowMs - beganMs });
    this.#loop.add(0, () => this.#leaveIfDone());
  }

  /** One that has served enough goes on until its connections end; one that is to end, ends them. */
  #leaveIfDone(): void {
    const isDone = this.#draining || (this.#tasksLeft <= 0 && this.#tunnels.size === 0);
    if (!isDone || !this.#isOpen || this.#running.size > 0 || this.#waiting.length > 0 || this.#announcing) return;
    this.#isOpen = false;
    if (this.#tunnels.size === 0) this.#loop.add(0, () => this.#listener.leave());
    else this.#clock.after(GOODBYE_MS, () => this.#loop.add(0, () => this.#leaveAll()));
  }

  #leaveAll(): void {
    for (const tunnel of this.#tunnels.values()) this.#close(tunnel);
    this.#listener.leave();
  }
}
