/** Does what the scheduler decides: one command after the other, each in terms of the rooms that can do it. It decides nothing. */
import type { Settings } from '../config/settings.ts';
import { assertNever } from '../errors/assert-never.ts';
import type { PreforkError } from '../errors/prefork-error.ts';
import type { SchedulerCommand, SchedulerEvent } from '../scheduler/types.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { HandlerRules } from './handler-rules.ts';
import { LaneCounts } from './lane-counts.ts';
import { measureTask } from './measure-task.ts';
import type { TaskDesk } from './task-desk.ts';
import { deadlineError, rejection } from './task-errors.ts';
import type { TaskIncidents } from './task-incidents.ts';

/** A worker whose task is done has this long to run its `teardown()`. */
export const TEARDOWN_MS = 5000;

export interface CarrierParts {
  readonly settings: Settings;
  readonly supervisor: Supervisor;
  readonly desk: TaskDesk;
  readonly incidents: TaskIncidents;
  readonly rulesFor: (worker: SupervisedWorker | undefined) => HandlerRules;
  readonly rolledOut: (generation: number, replaced: number) => void;
  /** The scheduler hears of it after the commands in hand. */
  readonly tell: (event: SchedulerEvent) => void;
}

export class CommandCarrier {
  readonly counts = new LaneCounts();
  readonly #parts: CarrierParts;

  constructor(parts: CarrierParts) {
    this.#parts = parts;
  }

  carryOut(command: SchedulerCommand): void {
    this.counts.count(command);
    this.#carryOut(command);
  }

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'StartTask':
        this.#send(command);
        return;
      case 'RevokeTask':
        this.#parts.desk.askBack(command.task);
        return;
      case 'ProbeWorker':
        this.#parts.supervisor.get(command.worker)?.send({ type: 'Ping' });
        return;
      case 'MeasureTask':
        return this.#parts.tell(measureTask(this.#parts.supervisor, command));
      case 'DemoteTask':
        return this.#demote(command);
      case 'RequeueTask':
        this.#parts.desk.publish('task:requeued', command.task);
        this.#parts.desk.putBack(command.task);
        this.#parts.supervisor.kill(command.worker, 'requeued');
        return;
      case 'RetryTask':
        this.#parts.desk.publish('task:retried', command.task);
        this.#parts.incidents.lostAndRetried(command.task);
        this.#parts.desk.putBack(command.task);
        return;
      case 'ReturnTask':
        this.#parts.desk.putBack(command.task);
        return;
      case 'TaskOverstays':
        this.#parts.desk.publish('task:overstays', command.task);
        return;
      case 'RejectTask':
        this.#parts.desk.take(command.task)?.fail(withoutStack(() => rejection(command.reason, this.#parts.settings)));
        return;
      case 'CancelTask':
        this.#parts.desk.cancel(command.task);
        return;
      case 'ExpireTask':
        this.#expire(command);
        this.#parts.desk.cancel(command.task);
        return;
      case 'KillTask':
        if (command.reason === 'deadline') this.#expire(command);
        else this.#parts.incidents.cancelled(command.task);
        this.#parts.supervisor.kill(command.worker, command.reason);
        return;
      case 'LoseTask':
        this.#parts.desk.lose(command.task, this.#parts.incidents.lost(command.task));
        return;
      case 'RetireWorker':
        this.#retire(command);
        return;
      case 'CodeServes':
        this.#parts.rolledOut(command.generation, command.replaced);
        return;
      default:
        assertNever(command);
    }
  }

  #demote({ task, worker }: Extract<SchedulerCommand, { type: 'DemoteTask' }>): void {
    // It may have ended in the very turn of the event loop in which it became long: then nobody would raise its worker again.
    if (!this.#parts.desk.demote(task)) return;
    this.counts.demoted();
    this.#parts.supervisor.demote(worker);
  }

  #retire({ worker, reason }: Extract<SchedulerCommand, { type: 'RetireWorker' }>): void {
    // One that is replaced while it runs a task has the time for that too.
    const mayBeBusy = reason === 'reload' || reason === 'recycle' || reason === 'surplus';
    this.#parts.supervisor.drain(worker, reason, mayBeBusy ? undefined : TEARDOWN_MS);
  }

  /** Its client is told, and should it come back from a worker that had not begun it, nobody waits for it. */
  #expire({ task, worker }: { readonly task: number; readonly worker: number }): void {
    const rules = this.#parts.rulesFor(this.#parts.supervisor.get(worker));
    const incident = this.#parts.incidents.deadline(task);
    const exchange = this.#parts.desk.exchangeOf(task);
    exchange?.fail(deadlineError(exchange.deadlineMs ?? rules.deadlineMs, incident));
    this.#parts.desk.abandon(task);
  }

  #send({ task, worker: id, ahead, lane }: Extract<SchedulerCommand, { type: 'StartTask' }>): void {
    const worker = this.#parts.supervisor.get(id);
    const outcome = worker === undefined ? 'clientGone' : this.#parts.desk.send(task, worker, ahead);
    switch (outcome) {
      case 'sent':
        // A connection mostly waits: its worker is as good as any other until it computes for long.
        if (lane === 'long' && !this.#parts.desk.isConnection(task)) {
          this.counts.beganLong();
          this.#parts.supervisor.demote(id);
        }
        return;
      case 'clientGone':
        // It went away while this very command was on its way.
        this.#parts.tell({ type: 'TaskEnded', task });
        return;
      case 'noSlot':
        // Its watchdog does not answer: it takes all that it holds with it.
        this.#parts.supervisor.kill(id, 'silent');
    }
  }
}

/** Nobody looks at the stack of what is said to a client, and thousands a second may be turned away: it is a sixth of what that costs. */
function withoutStack(make: () => PreforkError): PreforkError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
