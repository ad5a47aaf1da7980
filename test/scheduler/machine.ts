import assert from 'node:assert/strict';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent, TaskEvent, TaskFacts } from '../../src/scheduler/types.ts';

export const POLICY: Policy = {
  min: 1,
  max: 6,
  spares: 2,
  cpus: 2,
  memoryBytes: 0,
  reuse: true,
  concurrency: 1,
  aheadMs: 0,
  quantumMs: 50,
  queueLimit: 100,
  queueTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  cancelGraceMs: 500,
  maxRequests: 0,
};

const FACTS: TaskFacts = { key: 'key', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };
export const DEADLINE_MS = 30_000;

/** A scheduler with a clock that the test turns. Commands are written short: `start 1 on 2 (short)`. */
export class Machine {
  readonly scheduler: Scheduler;
  nowMs = 0;
  /** How long tasks have waited for a CPU since they began, where they have. */
  readonly waitedMs = new Map<number, number>();
  /** Of the workers that boot. */
  generation = 1;

  constructor(policy: Partial<Policy> = {}) {
    this.scheduler = new Scheduler({ ...POLICY, ...policy });
  }

  tell(event: SchedulerEvent): string[] {
    return this.#carryOut(this.scheduler.handle(event, this.nowMs));
  }

  /** What the system knows is told at once. */
  #carryOut(commands: readonly SchedulerCommand[]): string[] {
    const words = commands.filter(({ type }) => type !== 'MeasureTask').map(inWords);
    for (const command of commands) {
      if (command.type !== 'MeasureTask') continue;
      const { task } = command;
      words.push(...this.tell({ type: 'TaskMeasured', task, waitedMs: this.waitedMs.get(task) ?? 0 }));
    }
    return words;
  }

  arrive(task: number, facts: Partial<TaskFacts> = {}): string[] {
    return this.tell({ type: 'TaskArrived', task, facts: { ...FACTS, ...facts } });
  }

  tellAll(events: readonly TaskEvent[]): string[] {
    return this.#carryOut(this.scheduler.handleAll(events, this.nowMs));
  }

  arriveAll(tasks: readonly number[]): string[] {
    return this.tellAll(tasks.map((task) => ({ type: 'TaskArrived', task, facts: FACTS })));
  }

  /** @param runMs what its worker says, if it says it */
  end(task: number, runMs?: number): string[] {
    return this.tell(runMs === undefined ? { type: 'TaskEnded', task } : { type: 'TaskEnded', task, runMs });
  }

  /** Boots these workers. */
  ready(...workers: number[]): void {
    for (const worker of workers) {
      this.tell({ type: 'WorkerStarting', worker, generation: this.generation });
      this.tell({ type: 'WorkerReady', worker, deadlineMs: DEADLINE_MS });
    }
  }

  /** Lets the time pass; the scheduler is woken when it asked for it. */
  pass(ms: number): string[] {
    const untilMs = this.nowMs + ms;
    const commands: string[] = [];
    for (let ticks = 0; ; ticks += 1) {
      assert.ok(ticks < 10_000, 'the scheduler asks to be woken again and again');
      const wakeMs = this.scheduler.nextWakeMs(this.nowMs);
      if (wakeMs === undefined || wakeMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, wakeMs);
      commands.push(...this.tell({ type: 'ClockTicked' }));
    }
    this.nowMs = untilMs;
    return [...commands, ...this.tell({ type: 'ClockTicked' })];
  }

  get missing(): number {
    return this.scheduler.missingWorkers(this.nowMs);
  }

  /** Teaches that tasks of a key are long. */
  teachLong(key: string, worker: number): void {
    for (let task = 10_000; task < 10_032; task += 1) {
      assert.deepEqual(this.arrive(task, { key }), [`start ${task} on ${worker} (short)`]);
      this.pass(100);
      this.end(task);
    }
  }
}

function inWords(command: SchedulerCommand): string {
  switch (command.type) {
    case 'StartTask':
      return `start ${command.task} on ${command.worker} (${command.ahead ? 'ahead' : command.lane})`;
    case 'RejectTask':
      return `reject ${command.task}: ${command.reason}`;
    case 'RevokeTask':
      return `revoke ${command.task} on ${command.worker}`;
    case 'ProbeWorker':
      return `probe ${command.worker}`;
    case 'ExpireTask':
      return `expire ${command.task} on ${command.worker}`;
    case 'ReturnTask':
      return `return ${command.task} from ${command.worker}`;
    case 'RetryTask':
      return `retry ${command.task} from ${command.worker}`;
    case 'RequeueTask':
      return `requeue ${command.task} from ${command.worker}`;
    case 'MeasureTask':
      return `measure ${command.task} on ${command.worker}`;
    case 'DemoteTask':
      return `demote ${command.task} on ${command.worker}`;
    case 'TaskOverstays':
      return `${command.task} overstays on ${command.worker}`;
    case 'CancelTask':
      return `cancel ${command.task} on ${command.worker}`;
    case 'KillTask':
      return `kill ${command.task} on ${command.worker}: ${command.reason}`;
    case 'LoseTask':
      return `lose ${command.task} with ${command.worker}`;
    case 'RetireWorker':
      return `retire ${command.worker}: ${command.reason}`;
    case 'CodeServes':
      return `code ${command.generation} serves, ${command.replaced} replaced`;
  }
}
