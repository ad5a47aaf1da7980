/**
 * Runs tasks on supervised workers: carries out what the scheduler decides, feeds it with what happens, and answers for
 * tasks that can not be run. Modes pool, fork and thread are this, with different workers and a different policy. It lives
 * in the primary, never runs user code, and never throws at the front: every exchange that it takes is answered.
 */
import type { FromWorker, HandlerConfig } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import { assertNever } from '../errors/assert-never.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import type { Backend } from '../http/backend.ts';
import { ChannelExchange, type TaskMessage } from '../http/channel-exchange.ts';
import type { Exchange } from '../http/exchange.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent } from '../scheduler/types.ts';
import type { BootError } from '../supervisor/decisions/life.ts';
import type { Spawner } from '../supervisor/spawner.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { Supervisor, type SupervisorListener } from '../supervisor/supervisor.ts';
import { LoadMeter } from './load-meter.ts';
import { type HandlerRules, readHandlerConfig } from './handler-rules.ts';
import { deadlineError, rejection, workerLost } from './task-errors.ts';

/** A worker whose task is done has this long to run its `teardown()`. */
const TEARDOWN_MS = 5000;
const MEASURE_EVERY_MS = 250;

interface StartedTask {
  readonly worker: SupervisedWorker;
  readonly channel: ChannelExchange;
}

export class Dispatcher implements Backend, SupervisorListener {
  readonly #settings: Settings;
  readonly #scheduler: Scheduler;
  readonly #supervisor: Supervisor;
  readonly #waiting = new Map<number, Exchange>();
  readonly #started = new Map<number, StartedTask>();
  #rules: HandlerRules;
  #wakeTimer: NodeJS.Timeout | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #handling = false;
  #closed = false;
  readonly #events: SchedulerEvent[] = [];
  readonly #loadTimer: NodeJS.Timeout;
  #onFirstBoot: ((outcome: BootError | undefined) => void) | undefined;

  constructor(settings: Settings, policy: Policy, spawner: Spawner, typescript: string | null) {
    this.#settings = settings;
    this.#rules = readHandlerConfig({}, settings);
    this.#scheduler = new Scheduler(policy);
    this.#supervisor = new Supervisor(
      spawner,
      {
        entry: settings.entry,
        typescript,
        taskLimit: () => (policy.reuse ? 0 : 1),
        bootTimeoutMs: settings.bootTimeoutMs,
        maxMemoryBytes: settings.maxMemoryBytes,
        floor: settings.floor,
        cpus: settings.cpus,
        // The scheduler ends a task at its deadline; what comes after that is the teardown.
        drainTimeoutMs: () => this.#rules.deadlineMs + TEARDOWN_MS,
      },
      this,
    );
    const meter = new LoadMeter(settings.cpus);
    this.#loadTimer = setInterval(() => this.#measureLoad(meter), MEASURE_EVERY_MS);
  }

  #measureLoad(meter: LoadMeter): void {
    const workers = [...this.#supervisor.workers].map(({ id, cpuPercent }) => ({
      cpuPercent,
      demoted: this.#supervisor.isDemoted(id),
    }));
    this.#tell({ type: 'LoadMeasured', cpus: meter.measure(workers) });
  }

  get detachedCount(): number {
    if (!this.#rules.detached) return 0;
    return [...this.#started.values()].filter(({ channel }) => channel.exchange.response.closed).length;
  }

  /** Resolves when the first worker is ready. @throws PreforkError when it does not boot */
  async start(): Promise<void> {
    const failure = await new Promise<BootError | undefined>((resolve) => {
      this.#onFirstBoot = resolve;
      this.#tell({ type: 'ClockTicked' });
    });
    this.#onFirstBoot = undefined;
    if (failure === undefined) return;
    await this.close();
    throw new PreforkError(failure.code, failure.message, failure.stack === '' ? {} : { cause: failure.stack });
  }

  run(exchange: Exchange): void {
    this.#waiting.set(exchange.id, exchange);
    this.#tell({ type: 'TaskArrived', task: exchange.id, facts: this.#rules.factsOf(exchange.request) });
  }

  abandon(exchange: Exchange): void {
    this.#waiting.delete(exchange.id);
    this.#started.get(exchange.id)?.channel.stopBody();
    if (this.#rules.detached && this.#started.has(exchange.id)) return;
    this.#tell({ type: 'TaskCancelled', task: exchange.id });
  }

  /** Drains the workers. The front has seen to it that no exchange is open; what goes on without a client has the same time. */
  async close(): Promise<void> {
    this.#tell({ type: 'Closing' });
    for (const worker of this.#supervisor.workers)
      this.#supervisor.drain(worker.id, 'shutdown', this.#settings.shutdownTimeoutMs);
    await this.#supervisor.close();
    clearTimeout(this.#wakeTimer);
    clearInterval(this.#loadTimer);
    this.#closed = true;
  }

  /** Ends every worker at once. */
  force(): void {
    for (const worker of this.#supervisor.workers) this.#supervisor.kill(worker.id, 'shutdown');
  }

  // From the supervisor

  onStarting(worker: SupervisedWorker): void {
    this.#tell({ type: 'WorkerStarting', worker: worker.id });
  }

  onReady(worker: SupervisedWorker, config: HandlerConfig): void {
    this.#rules = readHandlerConfig(config, this.#settings);
    this.#tell({ type: 'WorkerReady', worker: worker.id, deadlineMs: this.#rules.deadlineMs });
    this.#onFirstBoot?.(undefined);
  }

  onWithdrawn(worker: SupervisedWorker): void {
    this.#tell({ type: 'WorkerWithdrawn', worker: worker.id });
  }

  onGone(worker: SupervisedWorker): void {
    this.#tell({ type: 'WorkerGone', worker: worker.id });
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    if (!('task' in message)) return;
    const started = this.#started.get(message.task);
    // A late word about a task that is over, or about one that this worker never had.
    if (started === undefined || started.worker !== worker) return;
    this.#receive(started, message);
  }

  onVitals(worker: SupervisedWorker): void {
    const memoryBytes = worker.vitals?.rssBytes ?? 0;
    this.#tell({ type: 'WorkerMeasured', worker: worker.id, memoryBytes });
  }

  onDeadlinePassed(): void {
    // The scheduler watches the deadlines of these modes by itself.
  }

  onBootFailed(error: BootError): void {
    this.#onFirstBoot?.(error);
  }

  onBootsPaused(paused: boolean): void {
    this.#tell({ type: paused ? 'BootsPaused' : 'BootsResumed' });
  }

  onBootsAllowed(): void {
    this.#tell({ type: 'ClockTicked' });
  }

  #receive(started: StartedTask, message: TaskMessage): void {
    const outcome = started.channel.receive(message);
    // The client may have seen it: a second run could say something else.
    if (message.type === 'ResponseHead' || message.type === 'Informational') {
      this.#tell({ type: 'TaskCommitted', task: message.task });
    }
    switch (outcome) {
      case 'goesOn':
        return;
      case 'ended':
        this.#started.delete(message.task);
        if (!this.#supervisor.promote(started.worker.id)) this.#tell({ type: 'WorkerSunk', worker: started.worker.id });
        this.#tell({ type: 'TaskEnded', task: message.task });
        return;
      case 'protocolBroken':
        this.#supervisor.kill(started.worker.id, 'protocol');
        return;
      default:
        assertNever(outcome);
    }
  }

  /** Events may come up while commands are carried out: they wait for their turn, so that the scheduler sees one at a time. */
  #tell(event: SchedulerEvent): void {
    this.#events.push(event);
    if (this.#handling) return;
    this.#handling = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const nowMs = performance.now();
        for (const command of this.#scheduler.handle(next, nowMs)) this.#carryOut(command);
        if (this.#events.length === 0) this.#supervisor.boot(this.#scheduler.missingWorkers(nowMs));
      }
    } finally {
      this.#handling = false;
    }
    this.#armTimer();
  }

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'StartTask':
        this.#start(command.task, command.worker);
        if (command.lane === 'long') this.#supervisor.demote(command.worker);
        return;
      case 'DemoteTask':
        this.#supervisor.demote(command.worker);
        this.#publish('task:demoted', command.task);
        return;
      case 'RequeueTask':
        this.#publish('task:requeued', command.task);
        this.#requeue(command.task);
        this.#supervisor.kill(command.worker, 'requeued');
        return;
      case 'TaskOverstays':
        this.#publish('task:overstays', command.task);
        return;
      case 'RejectTask':
        this.#take(command.task)?.fail(rejection(command.reason, this.#settings));
        return;
      case 'CancelTask':
        this.#started.get(command.task)?.worker.send({ type: 'CancelTask', task: command.task });
        return;
      case 'KillTask':
        if (command.reason === 'deadline')
          this.#started.get(command.task)?.channel.exchange.fail(deadlineError(this.#rules.deadlineMs));
        this.#supervisor.kill(command.worker, command.reason);
        return;
      case 'LoseTask':
        this.#lose(command.task);
        return;
      case 'RetireWorker':
        this.#supervisor.drain(command.worker, command.reason, TEARDOWN_MS);
        return;
      default:
        assertNever(command);
    }
  }

  #start(task: number, workerId: number): void {
    const exchange = this.#take(task);
    const worker = this.#supervisor.get(workerId);
    if (exchange === undefined || worker === undefined) {
      // The client went away while this very command was on its way.
      this.#events.push({ type: 'TaskEnded', task });
      return;
    }
    exchange.start(worker.pid);
    const channel = new ChannelExchange(exchange, (message) => worker.send(message));
    this.#started.set(task, { worker, channel });
    channel.start();
  }

  /** It was started, and waits again: the next worker gets it as the first one did. */
  #requeue(task: number): void {
    const started = this.#started.get(task);
    if (started === undefined) return;
    this.#started.delete(task);
    this.#waiting.set(task, started.channel.exchange);
  }

  #publish(type: 'task:demoted' | 'task:requeued' | 'task:overstays', task: number): void {
    const started = this.#started.get(task);
    if (started !== undefined) publish({ type, task, ...started.worker.name });
  }

  #take(task: number): Exchange | undefined {
    const exchange = this.#waiting.get(task);
    this.#waiting.delete(task);
    return exchange;
  }

  #lose(task: number): void {
    const started = this.#started.get(task);
    this.#started.delete(task);
    started?.channel.exchange.fail(workerLost(started.worker.life));
  }

  /** One timer for everything that the scheduler waits for; it is moved only when it would ring too late. */
  #armTimer(): void {
    if (this.#closed) return;
    const nowMs = performance.now();
    const wakeMs = this.#scheduler.nextWakeMs(nowMs) ?? Number.POSITIVE_INFINITY;
    if (wakeMs >= this.#wakeAtMs) return;
    clearTimeout(this.#wakeTimer);
    this.#wakeAtMs = wakeMs;
    this.#wakeTimer = setTimeout(
      () => {
        this.#wakeAtMs = Number.POSITIVE_INFINITY;
        this.#tell({ type: 'ClockTicked' });
      },
      Math.max(0, Math.ceil(wakeMs - nowMs)),
    );
  }
}
