import { Backlog } from './backlog.ts';
import { CostModel } from './cost-model.ts';
import { Rollout } from './rollout-state.ts';
import { Staffing } from './staffing.ts';
import { QUEUED, TaskTable } from './task-table.ts';
import type { Bounds, Policy, RejectReason, SchedulerCommand } from './types.ts';
import { WaitingTasks } from './waiting-tasks.ts';
import { WorkerTable } from './worker-table.ts';

/** Everything that the scheduler knows. The rules beside it read and change it, each for one kind of event. */
export class SchedulerState {
  readonly policy: Omit<Policy, keyof Bounds> & { -readonly [Name in keyof Bounds]: number };
  readonly costs: CostModel;
  readonly tasks = new TaskTable();
  readonly waiting: WaitingTasks;
  readonly workers: WorkerTable;
  readonly staffing: Staffing;
  readonly rollout = new Rollout();
  readonly backlog: Backlog;
  /** What is to be done about the event in hand, in order. */
  commands: SchedulerCommand[] = [];
  bootsPaused = false;
  closing = false;

  constructor(policy: Policy) {
    // A copy, since its bounds change; all that is made of it sees the change.
    this.policy = { ...policy };
    this.waiting = new WaitingTasks(policy.queueTimeoutMs);
    this.costs = new CostModel(policy.quantumMs);
    this.backlog = new Backlog(policy.queuePatienceMs);
    this.workers = new WorkerTable(this.policy);
    this.staffing = new Staffing(this.policy, this.workers);
  }

  /** Most tasks that may wait now. */
  get mostWaiting(): number {
    const { queueLimit, queueBeyondWorkers = false, concurrency } = this.policy;
    if (!queueBeyondWorkers) return queueLimit;
    return queueLimit + Math.max(0, this.staffing.capacity * concurrency - this.tasks.runningCount);
  }

  order(command: SchedulerCommand): void {
    this.commands.push(command);
  }

  reject(task: number, reason: RejectReason): void {
    this.waiting.remove(task);
    this.tasks.delete(task);
    this.order({ type: 'RejectTask', task, reason });
  }

  /** It was not begun by the worker it was sent to, or may be started again: it waits as if it had never been away. */
  returnToQueue(task: number, nowMs: number): void {
    const record = this.tasks.record(task);
    this.tasks.take(task);
    record.state = QUEUED;
    if (this.closing) this.reject(task, 'closing');
    else this.waiting.addShort(task, record.facts, record.arrivedMs, nowMs);
  }
}
