/** Who is let in. */
import { placeFor } from './placing.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { TaskFacts } from './types.ts';

const UNLEARNED = { lane: 'short', brief: false, runMs: 0 } as const;

export function admit(state: SchedulerState, task: number, facts: TaskFacts, nowMs: number): void {
  const { policy, waiting, tasks, staffing } = state;
  // Where handlers wait, the run time says nothing about the CPU.
  const expected = policy.concurrency > 1 ? UNLEARNED : state.costs.expect(facts.key);
  tasks.add(task, facts, expected, nowMs);
  if (state.closing) return state.reject(task, 'closing');
  const isLong = expected.lane === 'long';
  // One that could have a place waits all the same behind one that could not: the queue is in strict order.
  const mustWait = isLong || waiting.shortSize > 0 || placeFor(state, expected) === undefined;
  if (mustWait && waiting.size >= policy.queueLimit) return state.reject(task, 'queueFull');
  if (isLong && tasks.overstaying.size > 0 && !staffing.longLaneHasRoom) return state.reject(task, 'longLaneFull');
  if (isLong) waiting.addLong(task, facts, expected.runMs, nowMs);
  else waiting.addShort(task, facts, nowMs, nowMs);
}
