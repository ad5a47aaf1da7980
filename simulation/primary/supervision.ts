/**
 * The supervisor, with its real decisions and nothing else of it: `src/supervisor/supervisor.ts` without processes, timers and words
 * for the log. Boots, health, memory, the ends of workers.
 */
import {
  afterFailure,
  type BootRecord,
  bootsAllowed,
  isPaused,
  NO_FAILURES,
} from '../../src/supervisor/decisions/boot-policy.ts';
import { type Health, healthOf } from '../../src/supervisor/decisions/health.ts';
import { KILL_LADDERS } from '../../src/supervisor/decisions/kill-ladders.ts';
import type { BootError, DrainReason, KillReason, Life } from '../../src/supervisor/decisions/life.ts';
import type { Clock } from '../kernel/clock.ts';
import type { FromMain, FromWatchdog, Sending, TaskWord, Vitals } from '../machine/messages.ts';
import type { ProcessListener, WorkerProcess } from '../machine/worker-process.ts';
import { Demotion } from './demotion.ts';
import { Supervised } from './supervised.ts';

export interface SupervisionOptions {
  readonly bootTimeoutMs: number;
  /** RSS at which a worker is drained, and killed at twice as much; 0 is off. */
  readonly maxMemoryBytes: number;
  /** Whether the system lets a priority be raised again. */
  readonly canRaise: boolean;
  /** @returns undefined when the system refuses to start a process */
  readonly spawn: (
    id: number,
    listener: Pick<ProcessListener, 'onMessage' | 'onControlMessage'>,
    isTrial: boolean,
  ) => WorkerProcess | undefined;
}

export interface SupervisionListener {
  onStarting(worker: number, generation: number): void;
  onReady(worker: number): void;
  onBootFailed(worker: number): void;
  onWithdrawn(worker: number): void;
  onGone(worker: number): void;
  onTaskWord(worker: number, word: TaskWord): void;
  onPong(worker: number): void;
  onRevokeAnswered(worker: number, revoked: boolean, sending: Sending): void;
  onHealth(worker: number, health: Health): void;
  onMeasured(worker: number, memoryBytes: number): void;
  onBootsPaused(paused: boolean): void;
  onBootsAllowed(): void;
}

const WATCH_EVERY_MS = 500;
/** From one spawn to the next: so long one takes. That the primary sees to nothing else meanwhile is left out. */
const SPAWN_MS = 3;
const BOOT_FAILED: BootError = { code: 'ERR_HANDLER_LOAD', message: 'it could not be loaded', stack: '' };

export class Supervision {
  readonly #clock: Clock;
  readonly #options: SupervisionOptions;
  readonly #listener: SupervisionListener;
  readonly #demotion: Demotion;
  readonly #workers = new Map<number, Supervised>();
  /** Of the workers that are booted from now on. */
  generation = 1;
  #startingCount = 0;
  #nextId = 1;
  #boots: BootRecord = NO_FAILURES;
  #bootTimer = 0;
  #isSpawning = false;
  #closed = false;

  constructor(clock: Clock, options: SupervisionOptions, listener: SupervisionListener) {
    this.#clock = clock;
    this.#options = options;
    this.#listener = listener;
    this.#demotion = new Demotion(clock, options.canRaise);
    this.#watch();
  }

  get workers(): Iterable<Supervised> {
    return this.#workers.values();
  }

  get size(): number {
    return this.#workers.size;
  }

  get(id: number): Supervised | undefined {
    return this.#workers.get(id);
  }

  /** After a failure boots wait, or go one at a time; and there is one spawn after the other. */
  get bootsHeldBack(): boolean {
    return this.#boots.failuresInRow > 0 || this.#isSpawning;
  }

  boot(missing: number): void {
    if (this.#isSpawning || bootsAllowed(this.#boots, missing, this.#startingCount, this.#clock.nowMs) === 0) return;
    this.#isSpawning = true;
    this.#clock.after(SPAWN_MS, () => {
      this.#isSpawning = false;
      if (!this.#closed) this.#listener.onBootsAllowed();
    });
    if (this.#bootOne({ generation: this.generation, isTrial: false }) === undefined) this.#countFailure();
  }

  /** @returns undefined when the system refused to start it */
  bootTrial(generation: number): number | undefined {
    return this.#bootOne({ generation, isTrial: true });
  }

  drain(id: number, reason: DrainReason, withinMs: number): void {
    this.#workers.get(id)?.apply({ type: 'drain', reason, withinMs });
  }

  kill(id: number, reason: KillReason): void {
    this.#workers.get(id)?.apply({ type: 'kill', reason, ladder: KILL_LADDERS[reason] });
  }

  demote(id: number): void {
    const worker = this.#workers.get(id);
    if (worker !== undefined) this.#demotion.add(worker.process);
  }

  /** @returns false when the worker keeps a lowered priority */
  promote(id: number): boolean {
    return this.#demotion.release(id);
  }

  /** No more looks at the clock: the last worker is gone, or everything that lives is told to end. */
  close(): void {
    this.#closed = true;
  }

  #bootOne(code: { readonly generation: number; readonly isTrial: boolean }): number | undefined {
    const id = this.#nextId;
    this.#nextId += 1;
    const listener = {
      onMessage: (worker: number, message: FromMain) => this.#onMessage(worker, message),
      onControlMessage: (worker: number, message: FromWatchdog) => this.#onControlMessage(worker, message),
    };
    const process = this.#options.spawn(id, listener, code.isTrial);
    if (process === undefined) return undefined;
    const worker = new Supervised(process, code, this.#clock, this.#options.bootTimeoutMs, (changed, before) => {
      this.#onLifeChanged(changed, before);
    });
    if (!code.isTrial) this.#startingCount += 1;
    this.#workers.set(id, worker);
    this.#listener.onStarting(id, code.generation);
    return id;
  }

  #onMessage(id: number, message: FromMain): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.lastWordMs = this.#clock.nowMs;
    switch (message.type) {
      case 'Ready':
        this.#accept(worker);
        return;
      case 'BootFailed':
        worker.apply({ type: 'bootFailed', error: BOOT_FAILED });
        return;
      case 'Exited':
        this.#listener.onWithdrawn(id);
        worker.apply({ type: 'exited', exit: message.exit });
        return;
      case 'Pong':
        this.#listener.onPong(id);
        return;
      default:
        this.#listener.onTaskWord(id, message);
    }
  }

  #accept(worker: Supervised): void {
    if (worker.life.phase !== 'starting') return;
    worker.lastHeartbeatMs = this.#clock.nowMs;
    worker.apply({ type: 'booted' });
    this.#listener.onReady(worker.id);
    if (isPaused(this.#boots)) this.#listener.onBootsPaused(false);
    this.#boots = NO_FAILURES;
  }

  #onLifeChanged(worker: Supervised, before: Life): void {
    if (before.phase === 'starting' && !worker.isTrial) this.#startingCount -= 1;
    const { life } = worker;
    switch (life.phase) {
      case 'starting':
      case 'ready':
        return;
      case 'draining':
        this.#listener.onWithdrawn(worker.id);
        return;
      case 'killing':
        // Counted before anybody looks for a worker in its place: that one has to wait.
        if (life.boot !== undefined) this.#failBoot(worker);
        this.#listener.onWithdrawn(worker.id);
        return;
      case 'gone':
        this.#workers.delete(worker.id);
        this.#demotion.forget(worker.id);
        if (life.end.kind === 'bootFailed' && before.phase === 'starting') this.#failBoot(worker);
        this.#listener.onGone(worker.id);
    }
  }

  #failBoot({ id, isTrial }: Supervised): void {
    if (!isTrial) this.#countFailure();
    this.#listener.onBootFailed(id);
  }

  #countFailure(): void {
    const wasPaused = isPaused(this.#boots);
    this.#boots = afterFailure(this.#boots, this.#clock.nowMs);
    this.#bootTimer += 1;
    const timer = this.#bootTimer;
    this.#clock.after(Math.ceil(this.#boots.notBeforeMs - this.#clock.nowMs) + 1, () => {
      if (timer === this.#bootTimer && !this.#closed) this.#listener.onBootsAllowed();
    });
    if (isPaused(this.#boots) && !wasPaused) this.#listener.onBootsPaused(true);
  }

  #onControlMessage(id: number, message: FromWatchdog): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    if (message.type === 'Heartbeat') this.#takeVitals(worker, message.vitals);
    else this.#listener.onRevokeAnswered(id, message.type === 'TaskRevoked', message.sending);
  }

  #takeVitals(worker: Supervised, { eventLoopDelayMs, memoryBytes }: Vitals): void {
    worker.lastHeartbeatMs = this.#clock.nowMs;
    worker.eventLoopDelayMs = eventLoopDelayMs;
    this.#checkHealth(worker);
    this.#listener.onMeasured(worker.id, memoryBytes);
    const { maxMemoryBytes } = this.#options;
    if (maxMemoryBytes === 0 || memoryBytes < maxMemoryBytes) return;
    if (memoryBytes >= 2 * maxMemoryBytes) this.kill(worker.id, 'memory');
    else if (worker.life.phase === 'ready') this.drain(worker.id, 'memory', 60_000);
  }

  #checkHealth(worker: Supervised): void {
    if (worker.life.phase === 'starting' || worker.life.phase === 'killing') return;
    const { lastHeartbeatMs, lastWordMs, eventLoopDelayMs } = worker;
    const demoted = this.#demotion.isDemoted(worker.id);
    const health = healthOf({ kind: 'process', lastHeartbeatMs, lastWordMs, eventLoopDelayMs, demoted }, this.#clock.nowMs);
    if (health === worker.health) return;
    worker.health = health;
    this.#listener.onHealth(worker.id, health);
    if (health === 'hung') this.kill(worker.id, 'silent');
  }

  /** Silence makes no event of its own, so somebody has to look. */
  #watch(): void {
    this.#clock.after(WATCH_EVERY_MS, () => {
      if (this.#closed && this.#workers.size === 0) return;
      for (const worker of this.#workers.values()) this.#checkHealth(worker);
      this.#watch();
    });
  }
}
