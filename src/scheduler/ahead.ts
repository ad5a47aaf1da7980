/**
 * Tasks that were sent to a worker and may not have begun: how they begin, and how they are taken back when those before them take
 * long, so that nobody waits behind a long one.
 */
import { begin } from './placing.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { Started } from './task-table.ts';
import type { WorkerRecord } from './worker-table.ts';

/** A worker that gave no sign for so long does not get to what it was sent: somebody else may. */
const PATIENCE_MS = 10;
/** The same while all CPUs are busy. A worker is silent for some turns of the others then, and whoever took over would be one more to wait for. */
const CROWDED_PATIENCE_MS = 40;

export function patienceMs({ staffing }: SchedulerState): number {
  return staffing.isSaturated ? CROWDED_PATIENCE_MS : PATIENCE_MS;
}

export function started(state: SchedulerState, task: number, nowMs: number): void {
  const { tasks, workers } = state;
  const record = tasks.get(task);
  if (record?.state.phase !== 'sent') return;
  const { wanted, worker: id } = record.state;
  const worker = workers.get(id);
  if (worker === undefined) return;
  hear(state, worker, nowMs);
  begin(state, task, worker, 'short', nowMs, false);
  if (wanted) return;
  giveUp(state, task, tasks.running(task), 'cancelled', nowMs);
  state.order({ type: 'CancelTask', task, worker: id });
}

/** It has a while to end by itself. */
export function giveUp(
  { tasks, policy, commands }: SchedulerState,
  task: number,
  { worker, startedMs }: Started,
  reason: 'cancelled' | 'deadline',
  nowMs: number,
): void {
  const { cancelGraceMs, deafGraceMs = cancelGraceMs, concurrency } = policy;
  const lastMs = nowMs + cancelGraceMs;
  const isAsked = concurrency === 1 && deafGraceMs < cancelGraceMs;
  const killAtMs = isAsked ? nowMs + deafGraceMs : lastMs;
  tasks.record(task).state = { phase: 'cancelled', worker, startedMs, killAtMs, lastMs, reason };
  tasks.put(task, 'cancelled');
  if (isAsked) commands.push({ type: 'ProbeWorker', worker });
}

/** Its event loop turns: what it was told to end has heard of it. */
function allowGrace({ tasks }: SchedulerState, worker: WorkerRecord): void {
  for (const task of worker.held) {
    const record = tasks.record(task);
    const { state } = record;
    if (state.phase !== 'cancelled' || state.killAtMs >= state.lastMs) continue;
    record.state = { ...state, killAtMs: state.lastMs };
    tasks.put(task, 'cancelled');
  }
}

/** Asks for whatever this worker was sent ahead and has not begun. */
export function askBack({ tasks, commands }: SchedulerState, worker: WorkerRecord): void {
  for (const task of worker.held) {
    if (!tasks.isIn(task, 'ahead')) continue;
    tasks.put(task, 'askedBack');
    commands.push({ type: 'RevokeTask', task, worker: worker.id });
  }
}

/** Asks once for a task that is taken to run and may not have begun. */
export function askIfDoubtful(state: SchedulerState, task: number): void {
  const record = state.tasks.record(task);
  if (record.state.phase !== 'running' || !record.state.isDoubtful || record.committed) return;
  record.state = { ...record.state, isDoubtful: false };
  state.order({ type: 'RevokeTask', task, worker: record.state.worker });
}

/** The patience with workers that give no sign is over. */
export function expireAhead(state: SchedulerState, nowMs: number): void {
  const { tasks, workers } = state;
  const silenceMs = patienceMs(state);
  for (const task of tasks.ahead) {
    const sent = tasks.sent(task);
    if (sent.sentMs + silenceMs > nowMs) return;
    const worker = workers.get(sent.worker);
    if (worker === undefined) continue;
    if (worker.heardMs + silenceMs <= nowMs) {
      worker.silent = true;
      askBack(state, worker);
      workers.refile(worker, nowMs);
    } else {
      // The worker gets on: this one has a new term, behind those that have one already.
      tasks.record(task).state = { ...sent, sentMs: nowMs };
      tasks.put(task, 'ahead');
    }
  }
}

/** Its main thread gave a sign. */
export function hear(state: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  const { workers, tasks, policy } = state;
  if (policy.deafGraceMs !== undefined && tasks.cancelled.size > 0) allowGrace(state, worker);
  worker.heardMs = nowMs;
  worker.blocked = false;
  worker.silent = false;
  workers.forgetProbe(worker);
  if (policy.concurrency > 1) {
    // What it runs only waits, and disturbs nobody.
    worker.lane = 'short';
    for (const task of worker.held) if (tasks.isIn(task, 'overstaying')) tasks.put(task, 'long');
  }
  workers.refile(worker, nowMs);
}
