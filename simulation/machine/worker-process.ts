/**
 * A worker process as the primary knows it from outside: a main thread that runs tasks (`src/worker/worker.ts` in small), a watchdog
 * beside it that answers while the main thread computes, and two sockets. It is what goes wrong in here: boots that fail or take
 * for ever, crashes, hangs, deaf ears for SIGTERM.
 */
import type { RawExit } from '../../src/supervisor/decisions/life.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { EventLoop } from './event-loop.ts';
import { Journal } from './journal.ts';
import type { FromMain, FromWatchdog, Sending, TaskWord, ToMain, ToWatchdog } from './messages.ts';
import type { Level, Processors } from './processors.ts';
import { TaskLoop } from './task-loop.ts';
import { Wire } from './wire.ts';

/** What will become of a worker, drawn when it is spawned. Times are ms after its spawn. */
export interface WorkerNature {
  readonly bootComputeMs: number;
  readonly bootWaitMs: number;
  readonly boot: 'ready' | 'fails' | 'exits' | 'never';
  readonly heedsTerm: boolean;
  /** It ends, or hangs, by itself at this time. */
  readonly crashAtMs: number | undefined;
  readonly hangAtMs: number | undefined;
  readonly memoryBytes: number;
  /** What each task leaves in memory. */
  readonly leakBytes: number;
  /** How many of the words about its tasks it keeps back for a while, where it may: 0 to 1. */
  readonly keeps: number;
}

export interface ProcessListener {
  onMessage(worker: number, message: FromMain): void;
  onControlMessage(worker: number, message: FromWatchdog): void;
  /** The truth, of which the primary hears later or never: the handler begins to run a task. */
  onBegun(sending: Sending): void;
}

export interface Delays {
  readonly socketMs: () => number;
  readonly watchdogMs: () => number;
}

const HEARTBEAT_EVERY_MS = 500;
const KILLED: RawExit = { code: null, signal: 'SIGKILL', outOfMemory: false };
const TERMINATED: RawExit = { code: null, signal: 'SIGTERM', outOfMemory: false };
const CRASHES: readonly [RawExit, ...RawExit[]] = [
  { code: 1, signal: null, outOfMemory: false },
  { code: null, signal: 'SIGSEGV', outOfMemory: false },
  { code: null, signal: 'SIGABRT', outOfMemory: true },
];

export class WorkerProcess {
  readonly id: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #nature: WorkerNature;
  readonly #delays: Delays;
  readonly #loop: EventLoop;
  readonly #tasks: TaskLoop;
  readonly #toMain: Wire<ToMain>;
  readonly #toWatchdog: Wire<ToWatchdog>;
  readonly #fromMain: Wire<FromMain>;
  readonly #fromWatchdog: Wire<FromWatchdog>;
  readonly #journal: Journal;
  #state: 'runs' | 'hangs' | 'ended' = 'runs';

  constructor(
    id: number,
    { clock, processors, random, delays }: { clock: Clock; processors: Processors; random: Random; delays: Delays },
    nature: WorkerNature,
    limits: { readonly concurrency: number; readonly taskLimit: number },
    listener: ProcessListener,
  ) {
    this.id = id;
    this.#clock = clock;
    this.#random = random;
    this.#nature = nature;
    this.#delays = delays;
    this.#loop = new EventLoop(id, clock, processors);
    this.#fromMain = new Wire(clock, delays.socketMs, (message) => listener.onMessage(id, message));
    this.#fromWatchdog = new Wire(clock, delays.socketMs, (message) => listener.onControlMessage(id, message));
    this.#toMain = new Wire(clock, delays.socketMs, (message) => this.#loop.add(0, () => this.#tasks.receive(message)));
    this.#toWatchdog = new Wire(clock, delays.socketMs, (message) => this.#onWatchdog(message));
    this.#journal = new Journal(this.#fromMain, () => random.chance(nature.keeps));
    this.#tasks = new TaskLoop(this.#loop, clock, limits, {
      tell: (message, mayWait = false) => this.#journal.tell(message, mayWait),
      flush: () => this.#journal.flush(),
      begun: (sending) => listener.onBegun(sending),
      leave: () => this.#end({ code: 0, signal: null, outOfMemory: false }),
      crash: () => this.#end(random.pick(CRASHES)),
    });
    this.#boot();
  }

  get cpuMs(): number {
    return this.#loop.cpuMs;
  }

  get waitedMs(): number {
    return this.#loop.waitedMs;
  }

  set level(level: Level) {
    this.#loop.level = level;
  }

  send(message: ToMain): void {
    this.#toMain.send(message);
  }

  revoke(sending: Sending): void {
    this.#toWatchdog.send({ type: 'RevokeTask', sending });
  }

  /** What it has said and not sent. */
  catchUp(): readonly TaskWord[] {
    return this.#journal.read();
  }

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    const ends = name === 'SIGKILL' || (this.#nature.heedsTerm && this.#state === 'runs');
    if (ends) this.#clock.after(this.#random.between(0, 2), () => this.#end(name === 'SIGKILL' ? KILLED : TERMINATED));
  }

  /** Its main thread was given all the CPU time that it asked for. */
  computed(): void {
    this.#loop.computed();
  }

  #boot(): void {
    const { boot, bootComputeMs, bootWaitMs, crashAtMs, hangAtMs } = this.#nature;
    this.#loop.add(bootComputeMs, () => {
      if (boot === 'exits') this.#end({ code: 1, signal: null, outOfMemory: false });
      if (boot === 'exits' || boot === 'never') return;
      this.#clock.after(bootWaitMs, () => this.#loop.add(0, () => (boot === 'ready' ? this.#tasks.open() : this.#failBoot())));
    });
    if (crashAtMs !== undefined) this.#clock.after(crashAtMs, () => this.#end(this.#random.pick(CRASHES)));
    if (hangAtMs !== undefined) this.#clock.after(hangAtMs, () => this.#hang());
    this.#beat(this.#random.between(0, HEARTBEAT_EVERY_MS));
  }

  #failBoot(): void {
    this.#fromMain.send({ type: 'BootFailed' });
    this.#clock.after(this.#random.between(0, 5), () => this.#end({ code: 1, signal: null, outOfMemory: false }));
  }

  #beat(inMs: number): void {
    this.#clock.after(inMs, () => {
      if (this.#state !== 'runs') return;
      const { memoryBytes, leakBytes } = this.#nature;
      const vitals = {
        memoryBytes: Math.round(memoryBytes + leakBytes * this.#tasks.served),
        eventLoopDelayMs: this.#loop.delayMs,
      };
      this.#fromWatchdog.send({ type: 'Heartbeat', vitals });
      this.#beat(HEARTBEAT_EVERY_MS);
    });
  }

  #onWatchdog({ sending }: ToWatchdog): void {
    this.#clock.after(this.#delays.watchdogMs(), () => {
      if (this.#state !== 'runs') return;
      if (sending.claim === 'open') sending.claim = 'revoked';
      this.#fromWatchdog.send({ type: sending.claim === 'revoked' ? 'TaskRevoked' : 'TaskKept', sending });
    });
  }

  /** All of it stands still, as with SIGSTOP or when it swaps: only SIGKILL helps. */
  #hang(): void {
    if (this.#state !== 'runs') return;
    this.#state = 'hangs';
    this.#loop.stop();
  }

  #end(exit: RawExit): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#loop.stop();
    this.#toMain.close();
    this.#toWatchdog.close();
    this.#journal.flush();
    this.#fromMain.send({ type: 'Exited', exit });
  }
}
