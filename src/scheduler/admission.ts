/** Who is let in. */
import { placeFor, placeForConnection, send } from './placing.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { Lane, RejectReason, TaskFacts } from './types.ts';

const UNLEARNED = { lane: 'short', brief: false, steady: false, runMs: 0 } as const;

/** Why a task of which nothing is known would be turned away now, or undefined when it would be let in. */
export function refusalOf(state: SchedulerState): RejectReason | undefined {
  const { waiting, workers } = state;
  if (state.closing) return 'closing';
  if (state.bootsPaused && workers.usableCount === 0) return 'noWorker';
  const mustWait = waiting.shortSize > 0 || placeFor(state, UNLEARNED) === undefined;
  return mustWait ? whyNotWait(state, 'short') : undefined;
}

function whyNotWait({ mostWaiting, waiting, backlog }: SchedulerState, lane: Lane): RejectReason | undefined {
  if (waiting.size >= mostWaiting) return 'queueFull';
  return lane === 'short' && waiting.shortSize >= backlog.limit ? 'overloaded' : undefined;
}

export function admit(state: SchedulerState, task: number, facts: TaskFacts, nowMs: number): void {
  const { policy, waiting, tasks, staffing } = state;
  // Where handlers wait, the run time says nothing about the CPU.
  const expected = policy.concurrency > 1 ? UNLEARNED : state.costs.expect(facts.key);
  const record = tasks.add(task, facts, expected, nowMs);
  if (facts.isConnection === true) return admitConnection(state, task, facts, nowMs);
  if (state.closing) return state.reject(task, 'closing');
  const isLong = expected.lane === 'long';
  // One that could have a place waits all the same behind one that could not: the queue is in strict order.
  const worker = isLong || waiting.shortSize > 0 ? undefined : placeFor(state, expected);
  if (worker !== undefined && waiting.size === 0) return send(state, record, worker, 'short', nowMs);
  const mustWait = worker === undefined;
  const refusal = mustWait ? whyNotWait(state, expected.lane) : undefined;
  if (refusal !== undefined) return state.reject(task, refusal);
  if (isLong && tasks.overstaying.size > 0 && !staffing.longLaneHasRoom) return state.reject(task, 'longLaneFull');
  if (isLong) waiting.addLong(task, facts, expected.runMs, nowMs);
  else waiting.addShort(task, facts, nowMs, nowMs);
}

function admitConnection(state: SchedulerState, task: number, facts: TaskFacts, nowMs: number): void {
  const { policy, waiting } = state;
  if (state.closing) return state.reject(task, 'closing');
  if (placeForConnection(state) === undefined && waiting.size >= policy.queueLimit) return state.reject(task, 'queueFull');
  waiting.addConnection(task, facts, nowMs);
}
