/**
 * Mode cluster: node:cluster's workers, each of which accepts connections by itself, under our supervisor. The primary
 * keeps their number, replaces those that end or are due, and ends those that a task has blocked past its deadline. While a
 * last worker waits for the one that replaces it, there is one more than `max`.
 */
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FromWorker, TasksReported } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { listen } from '../http/listen.ts';
import { openTasks, timesOf, totalsOf } from '../http/task-counts.ts';
import { spread } from '../scheduler/spread.ts';
import type { BootError, DrainReason, WorkerEnd } from '../supervisor/decisions/life.ts';
import { ClusterSpawner } from '../supervisor/spawn-cluster.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { Supervisor, type SupervisorListener } from '../supervisor/supervisor.ts';
import { CLUSTER_SETTINGS } from './cluster-settings.ts';
import { ReportedTasks } from './reported-tasks.ts';
import type { ModeFacts, RunningMode } from './running-mode.ts';
import { FIRST_GENERATION, workerInfo } from './worker-info.ts';

const ENTRY = fileURLToPath(new URL('cluster-worker.js', import.meta.url));

export async function startCluster(settings: Settings, typescript: string | null): Promise<RunningMode> {
  const port = await findPort(settings);
  const running = new Cluster({ ...settings, port }, typescript);
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

/** Time for a worker to say how many tasks it has left. */
const ANSWER_MS = 100;

class Cluster implements RunningMode, SupervisorListener {
  readonly host: string;
  readonly port: number;
  readonly #settings: Settings;
  readonly #supervisor: Supervisor;
  /** Workers that serve, or boot in order to. */
  readonly #usable = new Set<number>();
  /** Workers that listen and stay. */
  readonly #ready = new Set<number>();
  /** Workers that are to drain as soon as another one listens: with the last of them the listening socket would close. */
  readonly #due = new Map<number, DrainReason>();
  /** Tasks that each draining worker has left, as it told last. */
  readonly #tasksLeft = new Map<number, number>();
  readonly #tasks = new ReportedTasks();
  #closing = false;
  #lost = 0;
  #onFirstBoot: ((outcome: BootError | undefined) => void) | undefined;

  constructor(settings: Settings, typescript: string | null) {
    this.#settings = settings;
    this.host = settings.host;
    this.port = settings.port;
    const spawner = new ClusterSpawner(ENTRY, { [CLUSTER_SETTINGS]: JSON.stringify(settings) });
    this.#supervisor = new Supervisor(
      spawner,
      {
        entry: settings.entry,
        typescript,
        // What a worker accepts by itself is not counted.
        concurrency: 1,
        taskLimit: (worker) => spread(settings.maxRequests, worker),
        bootTimeoutMs: settings.bootTimeoutMs,
        maxMemoryBytes: settings.maxMemoryBytes,
        floor: settings.floor,
        cpus: settings.cpus,
        drainTimeoutMs: () => settings.shutdownTimeoutMs,
      },
      this,
    );
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
      totals: totalsOf(cells),
      times: timesOf(cells),
      generation: FIRST_GENERATION,
      unready: this.#unready,
    };
  }

  get #unready(): string | undefined {
    if (this.#closing) return 'the server is ending';
    return this.#ready.size + this.#due.size === 0 ? 'no worker listens' : undefined;
  }

  async close(): Promise<number> {
    this.#closing = true;
    for (const worker of this.#supervisor.workers)
      this.#supervisor.drain(worker.id, 'shutdown', this.#settings.shutdownTimeoutMs);
    await this.#supervisor.close();
    return this.#lost;
  }

  force(): void {
    this.#closing = true;
    for (const worker of this.#supervisor.workers) {
      // One that was just told to drain may have had no time to say what it has left.
      if (this.#tasksLeft.has(worker.id)) this.#cutOff(worker);
      else setTimeout(() => this.#cutOff(worker), ANSWER_MS);
    }
  }

  #cutOff(worker: SupervisedWorker): void {
    // One that still does not say is in the middle of something.
    if (worker.life.phase === 'draining') this.#lost += this.#tasksLeft.get(worker.id) ?? 1;
    this.#supervisor.kill(worker.id, 'shutdown');
  }

  onStarting(worker: SupervisedWorker): void {
    this.#usable.add(worker.id);
  }

  onReady(worker: SupervisedWorker): void {
    this.#ready.add(worker.id);
    this.#retire();
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
    this.#tasks.end(worker.id, end);
    this.#forget(worker);
    this.#fill();
  }

  onMessage(worker: SupervisedWorker, message: FromWorker): void {
    if (message.type === 'FailureReported') publish({ type: 'task:failed', ...message.failure, pid: worker.pid });
    if (message.type === 'TasksReported') this.#tasks.take(worker.id, message);
    if (message.type === 'TasksLeft') this.#tasksLeft.set(worker.id, message.count);
    if (message.type !== 'RetirementDue' || !this.#ready.has(worker.id)) return;
    this.#forget(worker);
    this.#due.set(worker.id, message.reason);
    this.#retire();
    this.#fill();
  }

  onTasksReported(worker: SupervisedWorker, report: TasksReported): void {
    this.#tasks.take(worker.id, report);
  }

  // As many workers run as the user said, and they accept their tasks by themselves.
  onVitals(): void {}
  onHealth(): void {}
  onRevokeAnswered(): void {}

  onDeadlinePassed(worker: SupervisedWorker): void {
    this.#supervisor.kill(worker.id, 'deadline');
  }

  onBootFailed(error: BootError): void {
    this.#onFirstBoot?.(error);
  }

  onBootsPaused(): void {
    // The supervisor holds the boots back by itself; here nothing waits for them.
  }

  onBootsAllowed(): void {
    this.#fill();
  }

  #forget(worker: SupervisedWorker): void {
    this.#usable.delete(worker.id);
    this.#ready.delete(worker.id);
    this.#due.delete(worker.id);
  }

  #retire(): void {
    if (this.#ready.size === 0) return;
    for (const [worker, reason] of this.#due) this.#supervisor.drain(worker, reason);
  }

  #fill(): void {
    if (!this.#closing) this.#supervisor.boot(this.#settings.max - this.#usable.size);
  }
}
