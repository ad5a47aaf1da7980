/**
 * Runs tasks on supervised workers: carries out what the scheduler decides, feeds it with what happens, and answers for
 * tasks that can not be run. Modes pool, fork and thread are this, with different workers and a different policy. It lives
 * in the primary, never runs user code, and never throws at the front: every exchange that it takes is answered.
 */
import { type FromWorker, type HandlerConfig, TUNNEL_KINDS, type TunnelKind } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import { assertNever } from '../errors/assert-never.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import type { Backend } from '../http/backend.ts';
import type { TaskMessage } from '../http/channel-exchange.ts';
import type { Exchange } from '../http/exchange.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Policy, SchedulerEvent } from '../scheduler/types.ts';
import type { Health } from '../supervisor/decisions/health.ts';
import type { BootError, WorkerEnd } from '../supervisor/decisions/life.ts';
import type { Spawner } from '../supervisor/spawner.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { type RevokeAnswer, Supervisor, type SupervisorListener } from '../supervisor/supervisor.ts';
import { type BackendFacts, dispatcherFacts } from './dispatcher-facts.ts';
import { AnswerNews } from './answer-news.ts';
import { CommandCarrier, TEARDOWN_MS } from './carry-out.ts';
import type { ModeContext } from './mode-context.ts';
import { Operation } from './operation.ts';
import type { WorkerControl } from './running-mode.ts';
import { SchedulerPump } from './scheduler-pump.ts';
import { TaskDesk } from './task-desk.ts';
import { TaskIncidents } from './task-incidents.ts';
import { rejection } from './task-errors.ts';
import { LoadWatch } from './load-watch.ts';
import { WorkerRules } from './worker-rules.ts';

const MICROS = 1000;

export class Dispatcher implements Backend, SupervisorListener {
  readonly #settings: Settings;
  readonly #scheduler: Scheduler;
  readonly #supervisor: Supervisor;
  readonly #desk = new TaskDesk();
  readonly #incidents: TaskIncidents;
  readonly #sharesWorkers: boolean;
  readonly #pump: SchedulerPump;
  readonly #operation: Operation;
  readonly #carrier: CommandCarrier;
  readonly #rules: WorkerRules;
  readonly #load: LoadWatch;
  /** How clients may ask for another protocol: what each worker that could be given the connection takes. */
  #takes: readonly TunnelKind[] = TUNNEL_KINDS;
  #onTakes: (kinds: readonly TunnelKind[]) => void = () => {};
  readonly #news = new AnswerNews(
    (event) => this.#tell(event),
    (task) => this.#desk.isBegun(task),
  );
  /** Of the exchanges that have one of their own. */
  #longestOwnDeadlineMs = 0;
  #onFirstBoot: ((outcome: BootError | undefined) => void) | undefined;

  constructor(settings: Settings, policy: Policy, spawner: Spawner, context: ModeContext) {
    const { source, recorder, look, keepsAlive = true } = context;
    this.#settings = settings;
    this.#rules = new WorkerRules(settings);
    this.#scheduler = new Scheduler(policy);
    this.#pump = new SchedulerPump({
      scheduler: this.#scheduler,
      carryOut: (command) => this.#carrier.carryOut(command),
      boot: (missing) => this.#load.boot(missing),
    });
    this.#sharesWorkers = policy.concurrency > 1;
    this.#supervisor = new Supervisor(
      spawner,
      {
        entry: settings.entry,
        code: { generation: 1, typescript: source.first.typescript },
        concurrency: policy.concurrency,
        taskLimit: () => (policy.reuse ? 0 : 1),
        bootTimeoutMs: settings.bootTimeoutMs,
        maxMemoryBytes: settings.maxMemoryBytes,
        floor: settings.floor,
        cpus: settings.cpus,
        keepsAlive,
        // The scheduler ends a task at its deadline; what comes after that is the teardown.
        drainTimeoutMs: (worker) => Math.max(this.#rules.of(worker).deadlineMs, this.#longestOwnDeadlineMs) + TEARDOWN_MS,
      },
      this,
    );
    this.#incidents = new TaskIncidents({
      desk: this.#desk,
      recorder,
      look,
      slowMs: settings.slowMs,
      deadlineMsOf: (worker) => this.#rules.of(worker).deadlineMs,
      routeOf: ({ request }) => this.#rules.current.factsOf(request).key,
    });
    this.#operation = new Operation({
      settings,
      reuse: policy.reuse,
      source,
      supervisor: this.#supervisor,
      scheduler: this.#scheduler,
      tell: (event) => this.#tell(event),
    });
    this.#carrier = new CommandCarrier({
      settings,
      supervisor: this.#supervisor,
      desk: this.#desk,
      incidents: this.#incidents,
      rulesFor: (worker) => this.#rules.of(worker),
      rolledOut: (generation, replaced) => {
        this.#take(this.#rules.current.takes);
        this.#operation.generations.rolledOut(generation, replaced);
      },
      tell: (event) => this.#tell(event),
    });
    this.#load = new LoadWatch(this.#supervisor, settings.cpus, (event) => this.#tell(event), keepsAlive);
  }

  get control(): WorkerControl {
    return this.#operation.control;
  }

  get detachedCount(): number {
    return this.#rules.current.detached ? this.#desk.clientlessCount : 0;
  }

  get unready(): string | undefined {
    const { refusal } = this.#scheduler;
    return refusal === undefined ? undefined : rejection(refusal, this.#settings).message;
  }

  facts(): BackendFacts {
    const { counts } = this.#carrier;
    return dispatcherFacts(this.#supervisor, this.#desk, this.#scheduler, this.#operation.generations, counts);
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

  /** Calls back with how clients may ask for another protocol, now and whenever it changes. */
  onTakes(callback: (kinds: readonly TunnelKind[]) => void): void {
    this.#onTakes = callback;
    callback(this.#takes);
  }

  #take(kinds: readonly TunnelKind[]): void {
    this.#takes = kinds;
    this.#onTakes(kinds);
  }

  run(exchange: Exchange): void {
    this.#desk.add(exchange);
    const { deadlineMs, priority, connection } = exchange;
    const facts = this.#rules.current.factsOf(exchange.request);
    this.#longestOwnDeadlineMs = Math.max(this.#longestOwnDeadlineMs, deadlineMs ?? 0);
    const own = { priority: priority ?? facts.priority, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
    const asConnection = connection === undefined ? {} : { isConnection: true, restartable: false };
    this.#pump.tellAtTurnEnd({ type: 'TaskArrived', task: exchange.id, facts: { ...facts, ...own, ...asConnection } });
  }

  abandon(exchange: Exchange): void {
    const isDetached = exchange.connection === undefined && this.#rules.of(this.#desk.workerOf(exchange.id)).detached;
    if (isDetached && this.#desk.isBegun(exchange.id)) {
      this.#desk.stopBody(exchange.id);
      return;
    }
    this.#desk.abandon(exchange.id);
    this.#tell({ type: 'TaskCancelled', task: exchange.id });
  }

  /** Tasks go on, with the code that is there. */
  closing(): void {
    this.#operation.generations.close();
  }

  /** Drains the workers. The front has seen to it that no exchange is open; what goes on without a client has the same time. */
  async close(): Promise<void> {
    this.#operation.generations.close();
    this.#tell({ type: 'Closing' });
    for (const worker of this.#supervisor.workers)
      this.#supervisor.drain(worker.id, 'shutdown', this.#settings.shutdownTimeoutMs);
    await this.#supervisor.close();
    this.#pump.close();
    this.#desk.close();
    this.#incidents.close();
    this.#load.close();
  }

  /** Ends every worker at once. */
  force(): void {
    this.#operation.generations.close();
    // First, or a new worker would be booted in the place of each.
    this.#tell({ type: 'Closing' });
    for (const worker of this.#supervisor.workers) this.#supervisor.kill(worker.id, 'shutdown');
  }

  // From the supervisor

  onStarting(worker: SupervisedWorker): void {
    this.#tell({ type: 'WorkerStarting', worker: worker.id, generation: worker.generation });
  }

  onReady(worker: SupervisedWorker, config: HandlerConfig): void {
    const rules = this.#rules.read(worker, config);
    this.#operation.generations.ready(worker);
    if (worker.generation === this.#operation.generations.current) {
      this.#rules.current = rules;
      // Those with the old code serve on for a while.
      this.#take(this.#takes.filter((kind) => rules.takes.includes(kind)));
    }
    this.#tell({ type: 'WorkerReady', worker: worker.id, deadlineMs: rules.deadlineMs });
    this.#onFirstBoot?.(undefined);
  }

  onWithdrawn(worker: SupervisedWorker): void {
    this.#tell({ type: 'WorkerWithdrawn', worker: worker.id });
  }

  onClosed(worker: SupervisedWorker): void {
    this.onWithdrawn(worker);
  }

  onGone(worker: SupervisedWorker, end: WorkerEnd): void {
    this.#tell({ type: 'WorkerGone', worker: worker.id });
    this.#operation.generations.gone(worker, end);
  }

  onBurst(): void {
    this.#pump.gather();
  }

  onBurstEnd(): void {
    this.#news.tellRest();
    this.#pump.decide();
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    switch (message.type) {
      case 'TaskStarted':
        return this.#onStarted(worker, message.task);
      case 'TaskSkipped':
        if (this.#desk.skip(worker, message)) this.#takeBack(worker, message.task);
        this.#hear(worker, true);
        return;
      case 'Pong':
        this.#hear(worker, true);
        return;
      default:
        if ('task' in message) this.#receive(worker, message);
    }
  }

  #onStarted(worker: SupervisedWorker, task: number): void {
    const began = this.#desk.begin(task, worker);
    if (began === 'begun') this.#tell({ type: 'TaskStarted', task });
    else if (began === 'wrong') this.#supervisor.kill(worker.id, 'protocol');
  }

  onRevokeAnswered(worker: SupervisedWorker, answer: RevokeAnswer): void {
    const news = this.#desk.takeAnswer(worker, answer);
    if (news === 'back') this.#takeBack(worker, answer.task);
    else if (news === 'begun') {
      this.#tell({ type: 'TaskStarted', task: answer.task });
      // It may be over by now.
      worker.catchUp();
    }
  }

  #takeBack(worker: SupervisedWorker, task: number): void {
    publish({ type: 'task:revoked', task, ...worker.name });
    // What keeps it from its tasks runs long, whatever it is; unless the task was asked back because nobody waits for it any more.
    if (this.#desk.isWaiting(task)) this.#supervisor.demote(worker.id);
    this.#tell({ type: 'TaskRevoked', task });
  }

  onHealth(worker: SupervisedWorker, health: Health): void {
    if (health === 'busy') {
      if (this.#desk.holdsConnections(worker)) this.#supervisor.demote(worker.id);
      this.#tell({ type: 'WorkerBlocked', worker: worker.id });
    }
    // Where it has one task only, that may let the event loop turn now and then, and run long all the same.
    else if (health === 'alive') this.#hear(worker, this.#sharesWorkers || this.#desk.holdsConnections(worker));
  }

  onVitals(worker: SupervisedWorker): void {
    const memoryBytes = worker.vitals?.rssBytes ?? 0;
    this.#tell({ type: 'WorkerMeasured', worker: worker.id, memoryBytes });
  }

  onDeadlinePassed(): void {
    // The scheduler watches the deadlines of these modes by itself.
  }

  onTasksReported(): void {
    // Here tasks are counted by the front.
  }

  onBootFailed(error: BootError, worker: SupervisedWorker): void {
    this.#incidents.bootFailed(worker, error);
    this.#operation.generations.bootFailed(error, worker);
    this.#onFirstBoot?.(error);
  }

  onBootsPaused(paused: boolean): void {
    this.#tell({ type: paused ? 'BootsPaused' : 'BootsResumed' });
    if (paused) this.#operation.generations.bootsPaused();
  }

  onBootsAllowed(): void {
    this.#tell({ type: 'ClockTicked' });
  }

  /** Its event loop turns. @param isFree whether nothing in it can be long any more */
  #hear(worker: SupervisedWorker, isFree: boolean): void {
    if (isFree) this.#promote(worker);
    this.#tell({ type: 'WorkerAnswered', worker: worker.id });
  }

  #promote(worker: SupervisedWorker): void {
    if (!this.#supervisor.promote(worker.id)) this.#tell({ type: 'WorkerSunk', worker: worker.id });
  }

  #receive(worker: SupervisedWorker, message: TaskMessage): void {
    // Nearly always nothing is slow, and nobody has to be told of an end.
    const exchange = this.#incidents.someAreSlow ? this.#desk.exchangeOf(message.task) : undefined;
    const isNews = !this.#desk.isBegun(message.task);
    const outcome = this.#desk.receive(worker, message);
    if (outcome === undefined) return;
    switch (outcome) {
      case 'goesOn':
        this.#news.take(message, isNews);
        return;
      case 'ended':
        if (!this.#desk.holdsConnections(worker)) this.#promote(worker);
        if (exchange !== undefined) this.#incidents.ended(worker, exchange);
        this.#tell({
          type: 'TaskEnded',
          task: message.task,
          ...('micros' in message ? { runMs: message.micros / MICROS } : {}),
        });
        return;
      case 'protocolBroken':
        this.#supervisor.kill(worker.id, 'protocol');
        return;
      default:
        assertNever(outcome);
    }
  }

  #tell(event: SchedulerEvent): void {
    this.#pump.tell(event);
  }
}
