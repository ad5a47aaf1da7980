/**
 * Mode cluster: node:cluster's workers, each of which accepts connections by itself, under our supervisor. The primary
 * keeps their number, replaces those that end or are due, and ends those that a task has blocked past its deadline. While a
 * last worker waits for the one that replaces it, there is one more than `max`; for a reload, see cluster-rollout.ts.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FromWorker, HandlerConfig, TasksReported } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { incidentIdOf } from '../errors/incident-id.ts';
import { publish } from '../events/events.ts';
import { listen } from '../http/listen.ts';
import { openTasks, timesOf, totalsOf } from '../http/task-counts.ts';
import { spread } from '../scheduler/spread.ts';
import type { BootError, DrainReason, WorkerEnd } from '../supervisor/decisions/life.ts';
import { ClusterSpawner } from '../supervisor/spawn-cluster.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { Supervisor, type SupervisorListener } from '../supervisor/supervisor.ts';
import { CLUSTER_SETTINGS, type ClusterSettings } from './cluster-settings.ts';
import { ClusterIncidents } from './cluster-incidents.ts';
import { readHandlerConfig } from './handler-rules.ts';
import type { ModeContext } from './mode-context.ts';
import { ReportedTasks } from './reported-tasks.ts';
import type { ModeFacts, RunningMode, WorkerControl } from './running-mode.ts';
import { workerInfo } from './worker-info.ts';
import { ClusterRollout } from './cluster-rollout.ts';
import { Generations } from './generations.ts';
import { OperatorControl } from './operator-control.ts';

const ENTRY = fileURLToPath(new URL('cluster-worker.js', import.meta.url));

export async function startCluster(settings: Settings, context: ModeContext): Promise<RunningMode> {
  const port = await findPort(settings);
  const running = new Cluster({ ...settings, port }, context);
  await running.start();
  return running;
}

/**
 * The port must be known before the first worker listens: a worker that comes later has to find the same one. It also
 * tells at once that the port is taken.
 */
async function findPort(settings: Settings): Promise<number> {
  const probe = createServer();
  const { port } = await listen(probe, settings.port, settings.host);
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

/** Time for a worker that runs something to say how many tasks it has left. */
const ANSWER_MS = 100;
/** The same for one that runs nothing, as far as is known: on a crowded machine it waits for a CPU. */
const IDLE_ANSWER_MS = 1000;
/** A worker whose tasks are done has this long to run its `teardown()`. */
const TEARDOWN_MS = 5000;

class Cluster implements RunningMode, SupervisorListener {
  readonly host: string;
  readonly port: number;
  readonly control: WorkerControl;
  readonly #settings: Settings;
  readonly #generations: Generations;
  readonly #rollout: ClusterRollout;
  readonly #deadlineMs = new WeakMap<SupervisedWorker, number>();
  #max: number;
  readonly #supervisor: Supervisor;
  /** Workers that serve, or boot in order to. */
  readonly #usable = new Set<number>();
  /** Workers into which a person looks: what they run is never late. */
  readonly #held = new Set<number>();
  /** Workers that listen and stay. */
  readonly #ready = new Set<number>();
  /** Workers that are to drain as soon as another one listens: with the last of them the listening socket would close. */
  readonly #due = new Map<number, DrainReason>();
  /** Tasks that each draining worker has left, as it told last. */
  readonly #tasksLeft = new Map<number, number>();
  readonly #tasks = new ReportedTasks();
  readonly #incidents: ClusterIncidents;
  #closing = false;
  #isForced = false;
  #lost = 0;
  #onFirstBoot: ((outcome: BootError | undefined) => void) | undefined;

  constructor(settings: Settings, { source, recorder, look }: ModeContext) {
    this.#settings = settings;
    this.#max = settings.max;
    this.host = settings.host;
    this.port = settings.port;
    const incidentSeed = randomUUID();
    const forWorkers: ClusterSettings = { ...settings, incidentSeed };
    const spawner = new ClusterSpawner(ENTRY, { [CLUSTER_SETTINGS]: JSON.stringify(forWorkers) });
    this.#supervisor = new Supervisor(
      spawner,
      {
        entry: settings.entry,
        code: { generation: 1, typescript: source.first.typescript },
        // What a worker accepts by itself is not counted.
        concurrency: 1,
        taskLimit: (worker) => spread(settings.maxRequests, worker),
        bootTimeoutMs: settings.bootTimeoutMs,
        maxMemoryBytes: settings.maxMemoryBytes,
        floor: settings.floor,
        cpus: settings.cpus,
        drainTimeoutMs: (worker) =>
          Math.max(settings.shutdownTimeoutMs, ((worker && this.#deadlineMs.get(worker)) ?? settings.deadlineMs) + TEARDOWN_MS),
      },
      this,
    );
    this.#incidents = new ClusterIncidents({
      recorder,
      idOf: (worker, task) => incidentIdOf(incidentSeed, worker.pid, task),
      look,
      slowMs: settings.slowMs,
      deadlineMsOf: (worker) => (worker && this.#deadlineMs.get(worker)) ?? settings.deadlineMs,
      workers: () => this.#supervisor.workers,
      runningOf: (worker) => this.#tasks.runningOf(worker),
    });
    this.#generations = new Generations(source, this.#supervisor, {
      hasRoomForTrial: () => this.#rollout.roomBeside(this.#max) > 0,
      changeCode: (generation) => this.#changeCode(generation),
    });
    this.#rollout = new ClusterRollout(this.#supervisor, {
      retire: (worker, reason) => this.#retireNow(worker, reason),
      rolledOut: (replaced) => this.#generations.rolledOut(this.#generations.current, replaced),
    });
    this.control = new OperatorControl(this.#supervisor, this.#generations, {
      recycle: ({ id }) => {
        if (this.#ready.has(id)) this.#rollout.outdate(id, 'recycle');
        this.#fill();
      },
      holdDeadlines: ({ id }, held) => void (held ? this.#held.add(id) : this.#held.delete(id)),
      scale: (workers) => this.#scale(workers),
      lostTasks: 'its connections break off, for in mode cluster they are its own',
    });
  }

  /** Resolves when the first worker listens. @throws PreforkError when it does not boot */
  async start(): Promise<void> {
    const failure = await new Promise<BootError | undefined>((resolve) => {
      this.#onFirstBoot = resolve;
      this.#fill();
    });
    this.#onFirstBoot = undefined;
    if (failure === undefined) return;
    this.force();
    await this.close();
    throw new PreforkError(failure.code, failure.message, failure.stack === '' ? {} : { cause: failure.stack });
  }

  /** As of the last heartbeats. */
  get running(): number {
    return openTasks(this.#tasks.cells());
  }

  facts(): ModeFacts {
    const cells = this.#tasks.cells();
    return {
      workers: Array.from(this.#supervisor.workers, (worker) => {
        const { id } = worker;
        return workerInfo(worker, {
          health: this.#supervisor.healthOf(id),
          lane: null,
          served: this.#tasks.servedBy(id),
          running: this.#tasks.runningIn(id),
          task: this.#tasks.oldestOf(id),
        });
      }),
      // What no worker has accepted yet waits in the kernel.
      queue: { depth: 0, limit: 0, oldestMs: 0 },
      lanes: null,
      totals: totalsOf(cells),
      times: timesOf(cells),
      generation: this.#generations.current,
      isReloading: this.#generations.isReloading,
      unready: this.#unready,
    };
  }

  get #unready(): string | undefined {
    if (this.#closing) return 'the server is ending';
    return this.#ready.size + this.#due.size === 0 ? 'no worker listens' : undefined;
  }

  async close(): Promise<number> {
    this.#end();
    for (const worker of this.#supervisor.workers)
      this.#supervisor.drain(worker.id, 'shutdown', this.#settings.shutdownTimeoutMs);
    await this.#supervisor.close();
    this.#incidents.close();
    return this.#lost;
  }

  force(): void {
    this.#end();
    this.#isForced = true;
    for (const worker of this.#supervisor.workers) {
      // One that was just told to drain may have had no time to say what it has left.
      if (this.#tasksLeft.has(worker.id)) this.#cutOff(worker);
      else setTimeout(() => this.#cutOff(worker), this.#tasks.runningIn(worker.id) > 0 ? ANSWER_MS : IDLE_ANSWER_MS);
    }
  }

  #end(): void {
    this.#closing = true;
    this.#generations.close();
    this.#rollout.close();
  }

  #changeCode(generation: number): void {
    for (const worker of this.#supervisor.workers) {
      if (worker.generation === generation) this.#rollout.keep(worker.id);
      else if (this.#ready.has(worker.id)) this.#rollout.outdate(worker.id, 'reload');
      // It boots with the old code, and serves nobody yet.
      else if (worker.life.phase === 'starting') this.#supervisor.drain(worker.id, 'reload');
      else this.#rollout.lingers(worker.id);
    }
    this.#rollout.await();
  }

  #scale(workers: number): string {
    this.#max = workers;
    const isReady = (id: number): number => (this.#ready.has(id) ? 1 : 0);
    const surplus = [...this.#usable].toSorted((one, other) => isReady(one) - isReady(other) || one - other);
    for (const id of surplus.slice(0, Math.max(0, surplus.length - workers))) this.#retireNow(id, 'surplus');
    this.#fill();
    return `${workers} ${workers === 1 ? 'worker' : 'workers'} from now on`;
  }

  /** Another one listens. */
  #retireNow(id: number, reason: DrainReason): void {
    this.#usable.delete(id);
    this.#ready.delete(id);
    this.#supervisor.drain(id, reason);
  }

  #cutOff(worker: SupervisedWorker): void {
    // One that still does not say is in the middle of something.
    if (worker.life.phase === 'draining') this.#lost += this.#tasksLeft.get(worker.id) ?? 1;
    this.#supervisor.kill(worker.id, 'shutdown');
  }

  onStarting(worker: SupervisedWorker): void {
    if (worker.generation === this.#generations.current) this.#usable.add(worker.id);
  }

  onReady(worker: SupervisedWorker, config: HandlerConfig): void {
    this.#deadlineMs.set(worker, readHandlerConfig(config, this.#settings).deadlineMs);
    this.#generations.ready(worker);
    this.#usable.add(worker.id);
    this.#ready.add(worker.id);
    this.#retire();
    this.#rollout.arrived();
    // After a failed boot one is tried at a time: others may have waited for this one.
    this.#fill();
    this.#onFirstBoot?.(undefined);
  }

  onWithdrawn(worker: SupervisedWorker): void {
    this.#forget(worker);
    this.#fill();
  }

  onGone(worker: SupervisedWorker, end: WorkerEnd): void {
    // Its own limit for the drain is the shutdown timeout too, and may be the first of the two to pass.
    if (this.#closing && end.kind === 'killed' && end.reason === 'drainTimeout')
      this.#lost += this.#tasksLeft.get(worker.id) ?? 1;
    this.#tasksLeft.delete(worker.id);
    this.#incidents.gone(worker, end);
    this.#tasks.end(worker.id, end);
    this.#forget(worker);
    this.#rollout.gone(worker.id);
    this.#generations.gone(worker, end);
    this.#fill();
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    if (message.type === 'FailureReported') {
      this.#incidents.failed(worker, message.failure);
      publish({ type: 'task:failed', ...message.failure, pid: worker.pid });
    }
    if (message.type === 'TasksReported') this.onTasksReported(worker, message);
    if (message.type === 'TasksLeft') {
      this.#tasksLeft.set(worker.id, message.count);
      if (this.#isForced) this.#cutOff(worker);
    }
    if (message.type === 'IntakeEnded') this.#rollout.intakeEnded(worker.id);
    if (message.type !== 'RetirementDue' || !this.#ready.has(worker.id)) return;
    this.#forget(worker);
    this.#due.set(worker.id, message.reason);
    this.#retire();
    this.#fill();
  }

  onTasksReported(worker: SupervisedWorker, report: TasksReported): void {
    const before = this.#tasks.runningOf(worker.id);
    this.#tasks.take(worker.id, report);
    if (before !== undefined && before.task.task !== report.oldest?.task) this.#incidents.ended(worker, before);
  }

  // As many workers run as the user said, and they accept their tasks by themselves.
  onVitals(): void {}
  onHealth(): void {}
  onRevokeAnswered(): void {}

  onDeadlinePassed(worker: SupervisedWorker): void {
    // It says so until it ends.
    if (worker.life.phase === 'killing' || this.#held.has(worker.id)) return;
    this.#incidents.deadline(worker);
    this.#supervisor.kill(worker.id, 'deadline');
  }

  onBootFailed(error: BootError, worker: SupervisedWorker): void {
    this.#incidents.bootFailed(worker, error);
    this.#generations.bootFailed(error, worker);
    this.#onFirstBoot?.(error);
  }

  onBootsPaused(paused: boolean): void {
    // The supervisor holds the boots back by itself; here nothing but a reload waits for them.
    if (paused) this.#generations.bootsPaused();
  }

  onBootsAllowed(): void {
    this.#fill();
  }

  #forget(worker: SupervisedWorker): void {
    this.#usable.delete(worker.id);
    this.#ready.delete(worker.id);
    this.#due.delete(worker.id);
    this.#held.delete(worker.id);
    this.#rollout.leaves(worker.id);
  }

  #retire(): void {
    if (this.#ready.size === 0) return;
    for (const [worker, reason] of this.#due) this.#supervisor.drain(worker, reason);
  }

  #fill(): void {
    if (this.#closing) return;
    this.#supervisor.boot(this.#rollout.missing(this.#max, this.#usable.size, this.#usable.size - this.#ready.size));
  }
}
