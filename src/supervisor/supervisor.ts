/**
 * Brings workers to life, watches over them, and sees to it that they end. It knows nothing of tasks: a mode tells it how
 * many workers are missing, and which are to be drained or killed. It runs in the primary and never throws: what fails is
 * told to its listener or published.
 */
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import type { FromWatchdog, FromWorker, HandlerConfig, Ready, TasksReported, Vitals } from '../channel/messages.ts';
import { PROTOCOL_VERSION } from '../channel/messages.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { BootGate, type BootGateListener } from './boot-gate.ts';
import { withEntry } from './boot-failure.ts';
import { BUSY_AFTER_MS, type Health, healthOf } from './decisions/health.ts';
import { KILL_LADDERS } from './decisions/kill-ladders.ts';
import { type BootError, type DrainReason, describeEnd, type KillReason, type Life, type WorkerEnd } from './decisions/life.ts';
import { Demotion } from './demotion.ts';
import type { Spawner } from './spawner.ts';
import { SupervisedWorker, type WatchdogReport, type WorkerListener } from './supervised-worker.ts';

/** What workers load. */
export interface Code {
  /** 1 at the start of the server, one more with each reload. */
  readonly generation: number;
  /** Manifest of compiled modules, or null when the entry is loaded as it is. */
  readonly typescript: string | null;
}

export interface SupervisorOptions {
  readonly entry: string;
  /** `BootOptions.functions`; without it the module is a handler of requests. */
  readonly functions?: string;
  readonly code: Code;
  /** False where workers that have nothing to do shall not keep this process from its end. Default true. */
  readonly keepsAlive?: boolean;
  /** Tasks after which the worker of this id is done; 0 for never. */
  readonly taskLimit: (worker: number) => number;
  /** Tasks that a worker may run at once. */
  readonly concurrency: number;
  readonly bootTimeoutMs: number;
  /** RSS at which a worker is drained, and killed at twice as much; 0 is off. */
  readonly maxMemoryBytes: number;
  /** Share of the CPUs that demoted workers keep, and how many CPUs there are. */
  readonly floor: number;
  readonly cpus: number;
  /** Time for a worker that drains by our own decision to finish what it runs, ms. */
  readonly drainTimeoutMs: (worker: SupervisedWorker) => number;
}

export type RevokeAnswer = Extract<FromWatchdog, { type: 'TaskRevoked' | 'TaskKept' }>;

export interface SupervisorListener extends BootGateListener {
  onStarting(worker: SupervisedWorker): void;
  /** @throws PreforkError when the config makes no sense: the boot then counts as failed */
  onReady(worker: SupervisedWorker, config: HandlerConfig): void;
  onWithdrawn(worker: SupervisedWorker): void;
  /** It gets nothing any more, and its last words are still to come: what they make room for is for others. */
  onClosed?(worker: SupervisedWorker): void;
  onGone(worker: SupervisedWorker, end: WorkerEnd): void;
  onMessage(worker: SupervisedWorker, message: FromWorker): void;
  /** Around the messages of a worker that arrived together. */
  onBurst?(): void;
  onBurstEnd?(): void;
  /** What became of a task that was to be taken back. */
  onRevokeAnswered(worker: SupervisedWorker, answer: RevokeAnswer): void;
  onHealth(worker: SupervisedWorker, health: Health): void;
  /** There is news of `worker.vitals`. */
  onVitals(worker: SupervisedWorker): void;
  /** A task of the worker is past its deadline, and the worker can not see to it itself (mode cluster). */
  onDeadlinePassed(worker: SupervisedWorker): void;
  onBootFailed(error: BootError, worker: SupervisedWorker): void;
  /** What the worker counts by itself (mode cluster). */
  onTasksReported(worker: SupervisedWorker, report: TasksReported): void;
}

const WATCH_EVERY_MS = 500;

export class Supervisor implements WorkerListener {
  readonly #spawner: Spawner;
  readonly #options: SupervisorOptions;
  readonly #listener: SupervisorListener;
  readonly #workers = new Map<number, SupervisedWorker>();
  readonly #health = new Map<number, Health>();
  readonly demotion: Demotion;
  /** Workers that try new code: what becomes of them says nothing about the code in force. */
  readonly #trials = new WeakSet<SupervisedWorker>();
  #code: Code;
  #refusalSaid = false;
  #nextId = 1;
  readonly #gate: BootGate;
  readonly #watchTimer: NodeJS.Timeout;
  #watchedAtMs = performance.now();
  #whenEmpty: (() => void) | undefined;

  constructor(spawner: Spawner, options: SupervisorOptions, listener: SupervisorListener) {
    this.#spawner = spawner;
    this.#options = options;
    this.#listener = listener;
    this.#code = options.code;
    this.#gate = new BootGate(listener);
    this.demotion = new Demotion(options.floor, options.cpus, () => this.#sayRefusal('the system refused it'));
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    if (options.keepsAlive === false) this.#watchTimer.unref();
  }

  get workers(): Iterable<SupervisedWorker> {
    return this.#workers.values();
  }

  get(id: number): SupervisedWorker | undefined {
    return this.#workers.get(id);
  }

  healthOf(id: number): Health {
    return this.#health.get(id) ?? 'alive';
  }

  /** Boots the first of `missing` workers, if it may be now; `onBootsAllowed` says when to ask again. */
  boot(missing: number): void {
    // Asked after every event, and mostly for none.
    if (missing <= 0) return;
    const isStarting = (worker: SupervisedWorker): boolean => worker.life.phase === 'starting' && !this.#trials.has(worker);
    if (!this.#gate.isOpen(missing, [...this.#workers.values()].filter(isStarting).length)) return;
    // A spawn takes some ms: what the others were told goes out before.
    for (const worker of this.#workers.values()) worker.flush();
    this.#gate.pass();
    this.#bootOne();
  }

  /** What the workers load that are booted from now on. */
  get code(): Code {
    return this.#code;
  }

  set code(code: Code) {
    this.#code = code;
  }

  /**
   * Boots a worker with other code than that in force, now, whatever became of earlier boots; should it fail, no other boot has to wait for it.
   *
   * @throws PreforkError ERR_SPAWN
   */
  bootTrial(code: Code): SupervisedWorker {
    const worker = new SupervisedWorker(this.#takeId(), code.generation, this.#spawner, this.#options.bootTimeoutMs, this);
    this.#trials.add(worker);
    this.#begin(worker, code);
    return worker;
  }

  drain(id: number, reason: DrainReason, withinMs?: number): void {
    const worker = this.#workers.get(id);
    worker?.apply({ type: 'drain', reason, withinMs: withinMs ?? this.#options.drainTimeoutMs(worker) });
  }

  /** Ends a worker whatever it does. */
  kill(id: number, reason: KillReason, ladder = KILL_LADDERS[reason]): void {
    this.#workers.get(id)?.apply({ type: 'kill', reason, ladder });
  }

  /** What the worker runs is long: as soon as it computes it gets a lower priority. */
  demote(id: number): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    if (worker.mainThread.hasPriority) this.demotion.add(id, worker.mainThread);
    else this.#sayRefusal('threads share that of their process');
  }

  /** The long task is over. @returns false when the worker keeps a lowered priority */
  promote(id: number): boolean {
    return this.demotion.release(id);
  }

  /** Resolves when every worker is gone. Workers that are not told to end will not. */
  async close(): Promise<void> {
    this.#gate.close();
    if (this.#workers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    clearInterval(this.#watchTimer);
    this.#spawner.close();
  }

  #takeId(): number {
    return this.#nextId++;
  }

  #bootOne(): void {
    const id = this.#takeId();
    let worker: SupervisedWorker;
    try {
      worker = new SupervisedWorker(id, this.#code.generation, this.#spawner, this.#options.bootTimeoutMs, this);
    } catch (error) {
      if (!(error instanceof PreforkError)) throw error;
      publish({ type: 'worker:boot-failed', worker: id, pid: 0, code: error.code, message: error.message, stack: '' });
      this.#gate.failed();
      return;
    }
    this.#begin(worker, this.#code);
  }

  #begin(worker: SupervisedWorker, { typescript }: Code): void {
    this.#workers.set(worker.id, worker);
    publish({ type: 'worker:starting', ...worker.name });
    this.#listener.onStarting(worker);
    const { entry, concurrency, taskLimit, functions = null } = this.#options;
    worker.boot({ entry, typescript, concurrency, functions, taskLimit: taskLimit(worker.id) });
  }

  onBurst(): void {
    this.#listener.onBurst?.();
  }

  onBurstEnd(): void {
    this.#listener.onBurstEnd?.();
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    if (message.type === 'Ready') this.#accept(worker, message);
    else if (message.type === 'BootFailed') {
      const { code, error } = message.failure;
      worker.apply({ type: 'bootFailed', error: { code, message: error.message, stack: error.stack } });
    } else this.#listener.onMessage(worker, message);
  }

  #accept(worker: SupervisedWorker, { protocol, config, thread }: Ready): void {
    if (worker.life.phase !== 'starting') return;
    worker.know(thread);
    if (protocol !== PROTOCOL_VERSION) {
      this.kill(worker.id, 'protocol');
      return;
    }
    try {
      const nowMs = performance.now();
      worker.bootMs = nowMs - worker.startedMs;
      // It has just spoken, whatever its watchdog had time for while a busy machine booted it.
      worker.lastHeartbeatMs = nowMs;
      worker.apply({ type: 'booted' });
      this.#listener.onReady(worker, config);
    } catch (error) {
      if (!(error instanceof PreforkError)) throw error;
      this.#failBoot(worker, { code: 'ERR_BAD_OPTION', message: error.message, stack: '' });
      this.kill(worker.id, 'bootFailed');
      return;
    }
    this.#gate.succeeded();
  }

  onLifeChanged(worker: SupervisedWorker, before: Life): void {
    const { life } = worker;
    switch (life.phase) {
      case 'starting':
        return;
      case 'ready':
        publish({ type: 'worker:ready', ...worker.name, bootMs: worker.bootMs ?? 0 });
        return;
      case 'draining':
        publish({ type: 'worker:draining', ...worker.name, reason: life.reason });
        this.#listener.onWithdrawn(worker);
        return;
      case 'killing':
        publish({ type: 'worker:killing', ...worker.name, reason: life.reason });
        // Counted before anybody looks for a worker in its place: that one has to wait.
        if (life.boot !== undefined) this.#failBoot(worker, life.boot);
        this.#listener.onWithdrawn(worker);
        return;
      case 'gone':
        this.#bury(worker, before, life.end);
        return;
    }
  }

  onClosed(worker: SupervisedWorker): void {
    this.#listener.onClosed?.(worker);
  }

  #sayRefusal(why: string): void {
    if (this.#refusalSaid) return;
    this.#refusalSaid = true;
    publish({
      type: 'server:notice',
      message: `the priority of long tasks can not be lowered, ${why}: they share the CPUs with short ones as equals`,
    });
  }

  #bury(worker: SupervisedWorker, before: Life, end: WorkerEnd): void {
    this.#workers.delete(worker.id);
    this.#health.delete(worker.id);
    this.demotion.forget(worker.id);
    const unexpected = before.phase === 'ready' || (before.phase === 'draining' && end.kind !== 'drained');
    publish({ type: 'worker:gone', ...worker.name, reason: describeEnd(end), unexpected });
    if (end.kind === 'bootFailed' && before.phase === 'starting') this.#failBoot(worker, end.error);
    this.#listener.onGone(worker, end);
    if (this.#workers.size === 0) this.#whenEmpty?.();
  }

  #failBoot(worker: SupervisedWorker, failure: BootError): void {
    const error = withEntry(failure, this.#options.entry);
    const isTrial = this.#trials.has(worker);
    publish({ type: 'worker:boot-failed', ...worker.name, ...error, ...(isTrial ? { isTrial } : {}) });
    if (!isTrial) this.#gate.failed();
    this.#listener.onBootFailed(error, worker);
  }

  onControlMessage(worker: SupervisedWorker, message: WatchdogReport): void {
    switch (message.type) {
      case 'Heartbeat':
        return this.#takeVitals(worker, message.vitals);
      case 'TaskRevoked':
      case 'TaskKept':
        return this.#listener.onRevokeAnswered(worker, message);
      case 'TasksReported':
        return this.#listener.onTasksReported(worker, message);
      case 'DeadlinePassed':
        return this.#listener.onDeadlinePassed(worker);
    }
  }

  #takeVitals(worker: SupervisedWorker, vitals: Vitals): void {
    const nowMs = performance.now();
    if (worker.vitals !== undefined && nowMs > worker.lastHeartbeatMs) {
      const spentMs = (vitals.cpuMicros - worker.vitals.cpuMicros) / 1000;
      worker.cpuPercent = Math.max(0, Math.round((100 * spentMs) / (nowMs - worker.lastHeartbeatMs)));
    }
    worker.vitals = vitals;
    worker.lastHeartbeatMs = nowMs;
    this.#checkHealth(worker, nowMs);
    this.#listener.onVitals(worker);
    this.#checkMemory(worker, vitals.rssBytes);
  }

  onOutput(worker: SupervisedWorker, stream: 'stdout' | 'stderr', line: string): void {
    publish({ type: 'worker:output', ...worker.name, stream, line });
  }

  #checkMemory(worker: SupervisedWorker, rssBytes: number): void {
    const { maxMemoryBytes } = this.#options;
    const handlerBytes = worker.handlerBytes(rssBytes);
    const isOver = (times: number): boolean => maxMemoryBytes > 0 && handlerBytes >= times * maxMemoryBytes;
    if (isOver(2)) this.kill(worker.id, 'memory');
    else if (worker.life.phase === 'ready' && (isOver(1) || worker.memory.isSpoilt)) this.drain(worker.id, 'memory');
  }

  #checkHealth(worker: SupervisedWorker, nowMs: number): void {
    // One that boots has its own limit, and nobody waits for a word of one that is being killed.
    if (worker.life.phase === 'starting' || worker.life.phase === 'killing') return;
    const facts = {
      kind: worker.kind,
      lastHeartbeatMs: worker.lastHeartbeatMs,
      lastWordMs: worker.lastWordMs,
      eventLoopDelayMs: worker.vitals?.eventLoopDelayMs ?? 0,
      demoted: this.demotion.isDemoted(worker.id),
    };
    const health = healthOf(facts, nowMs);
    if (health === this.healthOf(worker.id)) return;
    this.#health.set(worker.id, health);
    publish({ type: 'worker:health', ...worker.name, health, eventLoopDelayMs: facts.eventLoopDelayMs });
    this.#listener.onHealth(worker, health);
    if (health === 'hung') this.kill(worker.id, 'silent');
  }

  /** Silence makes no event of its own, so somebody has to look. */
  #watch(): void {
    const nowMs = performance.now();
    // After a stop of the whole machine, or of the primary, the silence was ours: everybody gets a new start.
    const sleptMs = nowMs - this.#watchedAtMs - WATCH_EVERY_MS;
    this.#watchedAtMs = nowMs;
    for (const worker of this.#workers.values()) {
      if (sleptMs > 2 * BUSY_AFTER_MS) worker.lastHeartbeatMs = nowMs;
      else this.#checkHealth(worker, nowMs);
    }
  }
}
