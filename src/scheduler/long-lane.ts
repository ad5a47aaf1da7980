/** What becomes of a task that outlives its quantum, which counts no wait for a CPU, and of a worker whose event loop does not turn. */
import { askBack, askIfDoubtful, patienceMs } from './ahead.ts';
import { kill } from './ending.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { Running } from './task-table.ts';
import type { WorkerRecord } from './worker-table.ts';

/** Quanta on the clock after which a task is long, however much of that it waited for a CPU: it keeps a worker from short ones. */
const MOST_QUANTA = 10;
/** What is missing of a quantum so that it is as good as over, as a share of it: figures of the system lag behind. */
const NEARLY = 0.1;

/** The quantum is over on the clock. */
export function leaveShortLane(state: SchedulerState, task: number, running: Running, nowMs: number): void {
  const { tasks, workers, policy } = state;
  const worker = workers.get(running.worker);
  if (worker === undefined) return;
  if (running.deadlineAtMs <= nowMs) {
    kill(state, task, running, 'deadline', nowMs);
    return;
  }
  if (policy.concurrency > 1) {
    tasks.put(task, 'long');
    askIfDoubtful(state, task);
    if (worker.blocked) takeLongLane(state, worker, nowMs);
    else probe(state, worker, nowMs);
    return;
  }
  askBack(state, worker);
  measure(state, task, running);
}

/** A task that waits for a CPU is not long for that, and another worker would make it wait longer: the shell knows which it is. */
function measure({ tasks, commands }: SchedulerState, task: number, { worker, startedMs }: Running): void {
  tasks.put(task, 'late');
  tasks.record(task).measureAtMs = Number.POSITIVE_INFINITY;
  commands.push({ type: 'MeasureTask', task, worker, startedMs });
}

/** Its time may be up now. */
export function measureAgain(state: SchedulerState, task: number, nowMs: number): void {
  const { tasks } = state;
  if (tasks.record(task).measureAtMs <= nowMs) measure(state, task, tasks.running(task));
}

export function measured(state: SchedulerState, task: number, waitedMs: number, nowMs: number): void {
  const { tasks, policy } = state;
  // It may be over, or have gone elsewhere.
  if (!tasks.isIn(task, 'late')) return;
  const { quantumMs } = policy;
  const record = tasks.record(task);
  const running = tasks.running(task);
  record.waitedMs = Math.min(waitedMs, nowMs - running.startedMs);
  record.measureAtMs = running.startedMs + Math.min(quantumMs + record.waitedMs, MOST_QUANTA * quantumMs);
  if (record.measureAtMs <= nowMs + NEARLY * quantumMs) outlive(state, task, running, nowMs);
}

/** It has had its quantum. Nothing changes for it where the long lane has room; else it depends on what may be done to it. */
function outlive(state: SchedulerState, task: number, running: Running, nowMs: number): void {
  const { tasks, workers, staffing, waiting, policy } = state;
  const { facts, committed } = tasks.record(task);
  // The one before it, whose end is still to be heard of, may have brought their worker there.
  const hasRoom = staffing.longLaneHasRoom || workers.get(running.worker)?.lane === 'long';
  if (!hasRoom && facts.restartable && !committed && waiting.size < policy.queueLimit) {
    requeue(state, task, running, nowMs);
    return;
  }
  askIfDoubtful(state, task);
  if (hasRoom) demote(state, task, nowMs);
  else overstay(state, task);
}

export function demote({ tasks, workers, commands }: SchedulerState, task: number, nowMs: number): void {
  const { worker: id } = tasks.running(task);
  tasks.put(task, 'long');
  const worker = workers.get(id);
  if (worker !== undefined) {
    worker.lane = 'long';
    workers.refile(worker, nowMs);
  }
  commands.push({ type: 'DemoteTask', task, worker: id });
}

function overstay({ tasks, commands }: SchedulerState, task: number): void {
  tasks.put(task, 'overstaying');
  commands.push({ type: 'TaskOverstays', task, worker: tasks.running(task).worker });
}

/** Its worker ends, and the task waits for the long lane, with its queue time counted anew. */
function requeue(state: SchedulerState, task: number, running: Running, nowMs: number): void {
  const { tasks, workers, waiting, costs } = state;
  const record = tasks.record(task);
  const runMs = nowMs - running.startedMs - record.waitedMs;
  costs.learn(record.facts.key, runMs);
  const worker = workers.get(running.worker);
  if (worker !== undefined) workers.release(worker, record);
  workers.withdraw(running.worker);
  tasks.take(task);
  record.state = { phase: 'queued' };
  waiting.addLong(task, record.facts, runMs, nowMs);
  state.order({ type: 'RequeueTask', task, worker: running.worker });
}

/** Where several tasks share an event loop, one that runs long may only wait: what counts is whether the loop turns. */
function probe(state: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  const { workers, commands } = state;
  if (worker.probeDueMs !== undefined) return;
  workers.probe(worker, nowMs + patienceMs(state));
  commands.push({ type: 'ProbeWorker', worker: worker.id });
}

export function expireProbes(state: SchedulerState, nowMs: number): void {
  for (const worker of state.workers.probed) if ((worker.probeDueMs ?? nowMs) <= nowMs) block(state, worker, nowMs);
}

/** Its event loop does not turn: it gets nothing more, and gives back what it has not begun. */
export function block(state: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  state.workers.forgetProbe(worker);
  worker.blocked = true;
  askBack(state, worker);
  if (state.policy.concurrency > 1) takeLongLane(state, worker, nowMs);
  state.workers.refile(worker, nowMs);
}

/** It was taken back: its worker does not get to its tasks, until its main thread says that it came across this one. */
export function revoked(state: SchedulerState, task: number, nowMs: number): void {
  const { tasks, workers, policy } = state;
  const record = tasks.get(task);
  if (record === undefined || record.state.phase === 'queued' || record.state.phase === 'killed') return;
  const { state: before } = record;
  const worker = workers.get(before.worker);
  if (worker !== undefined) {
    workers.release(worker, record);
    if (worker.held.length === 0) worker.lane = 'short';
    worker.blocked = true;
    // Those of its tasks that run long were taken to wait as long as its event loop turned.
    if (policy.concurrency > 1) takeLongLane(state, worker, nowMs);
    workers.refile(worker, nowMs);
  }
  if (before.phase === 'running' || (before.phase === 'sent' && before.wanted)) state.returnToQueue(task, nowMs);
  else tasks.delete(task);
}

/** The long ones of its tasks, one of which computes, with it; where there is no room they keep a worker that was reserved. */
function takeLongLane(state: SchedulerState, worker: WorkerRecord, nowMs: number): void {
  const { tasks, staffing } = state;
  for (const task of worker.held) {
    if (!tasks.isIn(task, 'long')) continue;
    if (worker.lane === 'long' || staffing.longLaneHasRoom) demote(state, task, nowMs);
    else overstay(state, task);
  }
}
