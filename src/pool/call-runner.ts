/**
 * Runs calls on supervised workers: carries out what the scheduler decides, feeds it with what happens, and answers for calls that can
 * not be run. It lives in the primary and runs no user code. The calls that it takes may come before it is started: they wait.
 */
import { performance } from 'node:perf_hooks';
import { LONGEST_MS, parseDuration } from '../config/duration.ts';
import type { FromWorker, HandlerConfig } from '../channel/messages.ts';
import { assertNever } from '../errors/assert-never.ts';
import type { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { ClaimSlots } from '../modes/claim-slots.ts';
import { measureTask } from '../modes/measure-task.ts';
import { TEARDOWN_MS } from '../modes/carry-out.ts';
import { SchedulerPump } from '../modes/scheduler-pump.ts';
import { deadlineError, rejection } from '../modes/task-errors.ts';
import { LoadWatch } from '../modes/load-watch.ts';
import { IdMap } from '../scheduler/id-map.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { SchedulerCommand } from '../scheduler/types.ts';
import type { Health } from '../supervisor/decisions/health.ts';
import type { BootError } from '../supervisor/decisions/life.ts';
import type { Spawner } from '../supervisor/spawner.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { type RevokeAnswer, Supervisor, type SupervisorListener } from '../supervisor/supervisor.ts';
import type { BackendFigures, CallBackend, CallListener } from './call-backend.ts';
import { type CallParts, CallTask, type TaskMessage } from './call-task.ts';
import { callPolicy } from './call-policy.ts';
import type { PoolSettings } from './pool-options.ts';
import { lossOf } from './loss-of.ts';

/** What the workers of a pool are made of. */
export interface WorkerCode {
  readonly spawner: Spawner;
  readonly entry: string;
  readonly typescript: string | null;
  /** `BootOptions.functions` */
  readonly functions: string;
}

type Call = CallTask<SupervisedWorker>;

const MICROS = 1000;
/** Nobody in there would hear of a signal that asks. */
const NO_LADDER = { termMs: 0 };

export class CallRunner implements CallBackend, SupervisorListener {
  readonly #settings: PoolSettings;
  readonly #listener: CallListener;
  readonly #scheduler: Scheduler;
  readonly #pump: SchedulerPump;
  readonly #calls = new IdMap<Call>();
  #load: LoadWatch | undefined;
  #supervisor: Supervisor | undefined;
  #deadlineMs: number;
  #retried = 0;

  constructor(settings: PoolSettings, listener: CallListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#deadlineMs = settings.deadlineMs;
    this.#scheduler = new Scheduler(callPolicy(settings));
    this.#pump = new SchedulerPump({
      scheduler: this.#scheduler,
      carryOut: (command) => this.#carryOut(command),
      boot: (missing) => this.#load?.boot(missing),
    });
  }

  get figures(): BackendFigures {
    const { queued, ahead, running } = this.#scheduler.figures;
    const workers = this.#workers;
    const starting = workers.filter(({ life }) => life.phase === 'starting').length;
    return { waiting: queued + ahead, running, retried: this.#retried, starting, workers: workers.length };
  }

  get #workers(): readonly SupervisedWorker[] {
    return [...(this.#supervisor?.workers ?? [])];
  }

  /** From now on workers are booted. */
  start({ spawner, entry, typescript, functions }: WorkerCode): void {
    const { bootTimeoutMs, maxMemoryBytes, cpus, isolation, concurrency } = this.#settings;
    this.#supervisor = new Supervisor(
      spawner,
      {
        entry,
        functions,
        code: { generation: 1, typescript },
        concurrency: isolation === 'fresh' ? 1 : concurrency,
        taskLimit: () => (isolation === 'fresh' ? 1 : 0),
        bootTimeoutMs,
        maxMemoryBytes,
        // Nothing is demoted here.
        floor: 0.5,
        cpus,
        keepsAlive: false,
        drainTimeoutMs: () => Math.min(LONGEST_MS, this.#deadlineMs + TEARDOWN_MS),
      },
      this,
    );
    this.#load = new LoadWatch(this.#supervisor, cpus, (event) => this.#pump.tell(event));
    this.#pump.tell({ type: 'ClockTicked' });
  }

  run(parts: CallParts): void {
    const call: Call = new CallTask(parts);
    this.#calls.set(call.id, call);
    this.#pump.tellSoon({ type: 'TaskArrived', task: call.id, facts: call.facts });
  }

  giveUp(id: number, reason: unknown): void {
    const call = this.#calls.get(id);
    if (call === undefined || call.end !== undefined) return;
    call.fail(reason, 'cancelled');
    // One that is at a worker is known until that is done with it, for its last words.
    if (call.worker === undefined) this.#forget(call);
    this.#pump.tell({ type: 'TaskCancelled', task: call.id });
  }

  /** Rejects what waits, and ends the workers after what they run. */
  async close(): Promise<void> {
    this.#pump.tell({ type: 'Closing' });
    for (const worker of this.#workers) this.#supervisor?.drain(worker.id, 'shutdown', TEARDOWN_MS);
    await this.#supervisor?.close();
    this.#pump.close();
    this.#load?.close();
  }

  /** Rejects all calls, and ends every worker at once. */
  force(error: () => PreforkError): void {
    // First, or they would be told of the end in other words.
    for (const call of this.#calls.values()) call.fail(error());
    this.#pump.tell({ type: 'Closing' });
    for (const worker of this.#workers) this.#supervisor?.kill(worker.id, 'shutdown');
  }

  // From the supervisor

  onStarting(worker: SupervisedWorker): void {
    this.#pump.tell({ type: 'WorkerStarting', worker: worker.id, generation: 1 });
  }

  onReady(worker: SupervisedWorker, config: HandlerConfig): void {
    const { deadline } = config;
    if (deadline !== undefined && !this.#settings.deadlineIsExplicit)
      this.#deadlineMs = parseDuration(deadline, "the module's config.deadline", 1);
    this.#listener.onReady(config);
    this.#pump.tell({ type: 'WorkerReady', worker: worker.id, deadlineMs: this.#deadlineMs });
  }

  onWithdrawn(worker: SupervisedWorker): void {
    this.#pump.tell({ type: 'WorkerWithdrawn', worker: worker.id });
  }

  onClosed(worker: SupervisedWorker): void {
    this.onWithdrawn(worker);
  }

  onGone(worker: SupervisedWorker): void {
    this.#pump.tell({ type: 'WorkerGone', worker: worker.id });
  }

  onBurst(): void {
    this.#pump.gather();
  }

  onBurstEnd(): void {
    this.#pump.decide();
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    switch (message.type) {
      case 'TaskStarted': {
        const call = this.#calls.get(message.task);
        if (call?.worker !== worker) return this.#supervisor?.kill(worker.id, 'protocol');
        return this.#begin(call);
      }
      case 'TaskSkipped':
        ClaimSlots.of(worker).over(message.slot);
        this.#takeBack(worker, message.task, message.slot);
        return this.#pump.tell({ type: 'WorkerAnswered', worker: worker.id });
      case 'Pong':
        return this.#pump.tell({ type: 'WorkerAnswered', worker: worker.id });
      default:
        if ('task' in message) this.#receive(worker, message);
    }
  }

  #receive(worker: SupervisedWorker, message: TaskMessage): void {
    const call = this.#calls.get(message.task);
    // A late word about a call that is over.
    if (call?.worker !== worker) return;
    const isLast = 'micros' in message;
    if (isLast) call.hasRun(message.micros / MICROS, worker.lastWordMs);
    // It says something before the worker has said that it began.
    else this.#begin(call);
    switch (call.receive(message)) {
      case 'goesOn':
        return;
      case 'protocolBroken':
        return this.#supervisor?.kill(worker.id, 'protocol');
      case 'ended':
        worker.handed?.forget(call.id);
        ClaimSlots.of(worker).over(call.slot);
        this.#forget(call);
        this.#pump.tell(
          isLast ? { type: 'TaskEnded', task: call.id, runMs: message.micros / MICROS } : { type: 'TaskEnded', task: call.id },
        );
    }
  }

  #begin(call: Call): void {
    if (call.isBegun) return;
    this.#noteBegin(call);
    this.#pump.tell({ type: 'TaskStarted', task: call.id });
  }

  onRevokeAnswered(worker: SupervisedWorker, { type, task, slot }: RevokeAnswer): void {
    if (!ClaimSlots.of(worker).answer(slot)) return;
    if (type === 'TaskRevoked') return this.#takeBack(worker, task, slot);
    // It was started, and the worker may compute for long before it says so.
    const call = this.#calls.get(task);
    if (call?.worker !== worker || call.slot !== slot) return;
    this.#begin(call);
    worker.catchUp();
  }

  #takeBack(worker: SupervisedWorker, task: number, slot: number): void {
    const call = this.#calls.get(task);
    if (call?.worker !== worker || call.slot !== slot) return;
    this.#putBack(call);
    this.#pump.tell({ type: 'TaskRevoked', task });
  }

  /** Its worker died. Whoever reads the streams in its result has seen some of that, and could not be told of another one. */
  #retry(task: number): void {
    const call = this.#calls.get(task);
    if (call?.isAnswered !== true) {
      this.#retried += 1;
      if (call?.worker !== undefined) publish({ type: 'call:retried', name: call.name, ...call.worker.name });
      return this.#putBack(call);
    }
    this.#fail(task, lossOf(call.worker));
    this.#pump.tell({ type: 'TaskCancelled', task });
  }

  /** It waits again, if anybody still waits for it. */
  #putBack(call: Call | undefined): void {
    call?.takeBack();
    if (call?.end !== undefined) this.#forget(call);
  }

  onHealth(worker: SupervisedWorker, health: Health): void {
    if (health === 'busy') this.#pump.tell({ type: 'WorkerBlocked', worker: worker.id });
    else if (health === 'alive') this.#pump.tell({ type: 'WorkerAnswered', worker: worker.id });
  }

  onVitals(worker: SupervisedWorker): void {
    this.#pump.tell({ type: 'WorkerMeasured', worker: worker.id, memoryBytes: worker.vitals?.rssBytes ?? 0 });
  }

  // The scheduler watches the deadlines, and no worker takes tasks by itself.
  onDeadlinePassed(): void {}
  onTasksReported(): void {}

  onBootFailed(error: BootError): void {
    this.#listener.onBootFailed(error);
  }

  onBootsPaused(paused: boolean): void {
    this.#pump.tell({ type: paused ? 'BootsPaused' : 'BootsResumed' });
  }

  onBootsAllowed(): void {
    this.#pump.tell({ type: 'ClockTicked' });
  }

  // From the scheduler

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'StartTask':
        return this.#send(command);
      case 'RevokeTask':
        return this.#askBack(command.task);
      case 'ProbeWorker':
        return this.#supervisor?.get(command.worker)?.send({ type: 'Ping' });
      case 'MeasureTask':
        return this.#pump.tell(measureTask(this.#supervisor, command));
      case 'RequeueTask':
        this.#putBack(this.#calls.get(command.task));
        return this.#supervisor?.kill(command.worker, 'requeued');
      case 'RetryTask':
        return this.#retry(command.task);
      case 'ReturnTask':
        return this.#putBack(this.#calls.get(command.task));
      case 'RejectTask':
        return this.#fail(command.task, rejection(command.reason, this.#settings));
      case 'CancelTask':
        return this.#supervisor?.get(command.worker)?.send({ type: 'CancelTask', task: command.task });
      // Others run beside it in its worker: it is asked to end, and answered for now.
      case 'ExpireTask':
        this.#expire(command.task);
        return this.#supervisor?.get(command.worker)?.send({ type: 'CancelTask', task: command.task });
      case 'KillTask':
        if (command.reason === 'deadline') this.#expire(command.task);
        return this.#supervisor?.kill(command.worker, command.reason, command.isDeaf ? NO_LADDER : undefined);
      case 'LoseTask':
        return this.#fail(command.task, lossOf(this.#calls.get(command.task)?.worker));
      case 'RetireWorker':
        return this.#supervisor?.drain(command.worker, command.reason, TEARDOWN_MS);
      // Long calls keep their priority: a process of lower priority could serve no other after it.
      case 'DemoteTask':
      case 'TaskOverstays':
      case 'CodeServes':
        return undefined;
      default:
        return assertNever(command);
    }
  }

  #send({ task, worker: id, ahead }: Extract<SchedulerCommand, { type: 'StartTask' }>): void {
    const call = this.#calls.get(task);
    const worker = this.#supervisor?.get(id);
    if (call === undefined || worker === undefined) return this.#pump.tell({ type: 'TaskEnded', task });
    const slot = ClaimSlots.of(worker).take();
    // Its watchdog does not answer: it takes all that it holds with it.
    if (slot === undefined) return this.#supervisor?.kill(id, 'silent');
    call.send(worker, slot, ahead);
    if (!ahead) this.#noteBegin(call);
  }

  #noteBegin(call: Call): void {
    const nowMs = performance.now();
    call.begin(nowMs);
    call.worker?.mainThread.begin(nowMs);
  }

  #askBack(task: number): void {
    // It may be over, or begun, and the word of it still be with a worker that computes.
    this.#calls.get(task)?.worker?.catchUp();
    const call = this.#calls.get(task);
    if (call?.worker === undefined) return;
    ClaimSlots.of(call.worker).ask(call.slot);
    call.worker.revoke(task, call.slot);
  }

  #expire(task: number): void {
    const call = this.#calls.get(task);
    call?.fail(deadlineError(call.facts.deadlineMs ?? this.#deadlineMs));
  }

  #fail(task: number, error: PreforkError): void {
    const call = this.#calls.get(task);
    if (call === undefined) return;
    call.fail(error);
    this.#forget(call);
  }

  #forget(call: Call): void {
    if (this.#calls.delete(call.id)) this.#listener.onEnded(call);
  }
}
