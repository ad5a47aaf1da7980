/**
 * Replaces workers that could serve on: their code is old, or an operator wants them gone. The new one boots first, beside `max` if need
 * be; when it is ready, one of the old ones takes no new task and ends after those that it holds. So there are never fewer workers to
 * take a task than before. An old one that would take no other task anyway is told to end at once: its task runs long, or is its last one.
 *
 * With all places taken by old workers that do not come to an end, the rest goes without a replacement, one after the other.
 */
import type { SchedulerState } from './scheduler-state.ts';
import type { Bounds, ReplaceReason, RetireReason } from './types.ts';
import type { WorkerRecord } from './worker-table.ts';

/** Workers beyond `max`, and beyond what memory allows, while others are replaced. */
export const EXTRA = 2;
/** How long the places may be taken by workers that end. */
const BLOCKED_MS = 1000;

export function changeCode(state: SchedulerState, generation: number): void {
  const { rollout, workers } = state;
  rollout.generation = generation;
  rollout.arrived = 0;
  rollout.replaced = 0;
  rollout.isAwaited = true;
  for (const worker of workers.all) {
    if (worker.generation === generation) {
      if (rollout.outdated.get(worker.id) === 'reload') rollout.outdated.delete(worker.id);
    } else if (worker.phase === 'starting') end(state, worker.id, 'reload');
    else if (worker.phase === 'ready') rollout.outdated.set(worker.id, 'reload');
  }
}

/** One worker is to be replaced. One that boots is no loss. */
export function outdate(state: SchedulerState, worker: WorkerRecord): void {
  if (worker.phase === 'starting') end(state, worker.id, 'recycle');
  else if (worker.phase === 'ready' && !state.rollout.outdated.has(worker.id)) state.rollout.outdated.set(worker.id, 'recycle');
}

/** A worker has booted. Where it tried code that was in force for a moment, and is not any more, it is of no use. */
export function arrive(state: SchedulerState, worker: WorkerRecord): void {
  const { rollout, workers } = state;
  if (worker.generation === rollout.generation) {
    if (rollout.isActive) rollout.arrived += 1;
  } else if (worker.phase === 'ready') {
    workers.withdraw(worker.id);
    state.order({ type: 'RetireWorker', worker: worker.id, reason: 'reload' });
  }
}

/** To be called after whatever happened: lets those go whose time has come. */
export function rollOut(state: SchedulerState, nowMs: number): void {
  const { rollout, workers, closing } = state;
  for (const [id, reason] of rollout.outdated) {
    const worker = workers.get(id);
    if (closing || worker?.phase !== 'ready') rollout.outdated.delete(id);
    else if (worker.served >= worker.limit || (reason === 'reload' && runsLong(state, worker))) end(state, id, reason);
  }
  for (; rollout.arrived > 0 && rollout.isActive; rollout.arrived -= 1) endNext(state);
  if (rollout.isActive && isBlocked(state)) {
    rollout.blockedSinceMs ??= nowMs;
    if (rollout.blockedSinceMs + BLOCKED_MS <= nowMs) {
      endNext(state);
      rollout.blockedSinceMs = nowMs;
    }
  } else rollout.blockedSinceMs = undefined;
  if (rollout.isActive) return;
  rollout.arrived = 0;
  rollout.blockedSinceMs = undefined;
  if (!rollout.isAwaited || closing) return;
  rollout.isAwaited = false;
  state.order({ type: 'CodeServes', generation: rollout.generation, replaced: rollout.replaced });
}

/** How many workers are missing for the sake of those that are to be replaced. */
export function missingForRollout({ rollout, workers, staffing }: SchedulerState): number {
  if (!rollout.isActive) return 0;
  const { startingCount: starting, aliveCount: alive } = workers;
  return Math.max(0, Math.min(EXTRA - starting, staffing.capacity + EXTRA - alive, rollout.outdated.size - starting));
}

export function wakeForRollout({ rollout }: SchedulerState): number {
  return rollout.isActive ? (rollout.blockedSinceMs ?? Number.POSITIVE_INFINITY) + BLOCKED_MS : Number.POSITIVE_INFINITY;
}

export function changeBounds({ policy, workers }: SchedulerState, { min, max, spares }: Bounds, nowMs: number): void {
  policy.min = min;
  policy.max = max;
  policy.spares = spares;
  // One that is alone serves what is short as well.
  for (const worker of workers.all) if (worker.connections.size > 0) workers.refile(worker, nowMs);
}

/** More workers than `max`: those go first that nobody misses, and those that run a task after it. */
export function retireSurplus(state: SchedulerState): void {
  const { workers, policy, rollout } = state;
  while (settledCount(state) > policy.max) {
    const [first] = [...workers.all]
      .filter(({ phase }) => phase === 'ready' || (phase === 'starting' && !rollout.isActive))
      .toSorted((one, other) => rank(state, one) - rank(state, other) || one.idleSinceMs - other.idleSinceMs);
    if (first === undefined) return;
    end(state, first.id, 'surplus');
  }
}

/** Those that are there to stay: while some are replaced, others boot for it. */
export function settledCount({ workers, rollout }: SchedulerState): number {
  return workers.usableCount - (rollout.isActive ? workers.startingCount : 0);
}

function rank({ rollout }: SchedulerState, { id, phase, held, connections, lane, blocked }: WorkerRecord): number {
  if (phase === 'starting') return 0;
  if (held.length + connections.size === 0) return rollout.outdated.has(id) ? 1 : 2;
  return lane === 'long' || blocked || connections.size > 0 ? 4 : 3;
}

/** The next of the old ones: one that is free, else the one with the least to do. */
function endNext(state: SchedulerState): void {
  const { rollout, workers } = state;
  let next: [id: number, reason: ReplaceReason, held: number] | undefined;
  for (const [id, reason] of rollout.outdated) {
    const worker = workers.get(id);
    const held = (worker?.held.length ?? 0) + (worker?.connections.size ?? 0);
    if (next === undefined || held < next[2]) next = [id, reason, held];
  }
  if (next !== undefined) end(state, next[0], next[1]);
}

function end(state: SchedulerState, id: number, reason: Extract<RetireReason, ReplaceReason | 'surplus'>): void {
  const { rollout, workers } = state;
  rollout.outdated.delete(id);
  if (reason === 'reload') rollout.replaced += 1;
  workers.withdraw(id);
  state.order({ type: 'RetireWorker', worker: id, reason });
}

function runsLong({ tasks }: SchedulerState, { lane, blocked, held }: WorkerRecord): boolean {
  return lane === 'long' || blocked || held.some((task) => tasks.isIn(task, 'overstaying'));
}

function isBlocked({ workers, staffing }: SchedulerState): boolean {
  return workers.startingCount === 0 && workers.aliveCount >= staffing.capacity + EXTRA;
}
