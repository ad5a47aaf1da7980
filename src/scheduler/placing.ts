/** Which worker gets which task of those that wait. */
import { NEVER_MS } from './held-deadlines.ts';
import type { Expectation } from './cost-model.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { TaskRecord } from './task-table.ts';
import type { Lane } from './types.ts';
import type { WorkerRecord } from './worker-table.ts';

/** With so many tasks at workers, it is not the workers who are short of time, but the primary. */
const MANY_AT_WORK = 16;

export function dispatch(state: SchedulerState, nowMs: number): void {
  const { waiting, workers, policy } = state;
  placeConnections(state, nowMs);
  const longIsPatient = !waiting.longHasWaited(policy.quantumMs, nowMs);
  if (longIsPatient) placeShort(state, nowMs);
  placeLong(state, nowMs);
  if (!longIsPatient) placeShort(state, nowMs);
  // With no worker and no hope of one, an answer now is better than a time-out later.
  if (state.bootsPaused && workers.usableCount === 0) for (const task of waiting.all()) state.reject(task, 'noWorker');
}

/**
 * The worker that could take a short task now: a free one, else one whose tasks wait and leave room, or are known to be brief, as this
 * one is. The last kind costs this task next to nothing, and spares the worker to be without work while messages travel. It comes first where as
 * many workers as there are CPUs have something to do: one more would only take turns with them, and has to be woken. Of many steady tasks
 * most go to one worker: it leaves a CPU to the primary, which takes longer over each of them than the worker does.
 */
export function placeFor({ workers, tasks, policy }: SchedulerState, { brief, steady }: Expectation): WorkerRecord | undefined {
  if (steady && tasks.runningCount + tasks.sentCount >= MANY_AT_WORK) {
    const busy = workers.nextToJoin;
    if (busy !== undefined) return busy;
  }
  if (brief && workers.hotCount - workers.idleCount >= policy.cpus && workers.nextOpen !== undefined) return workers.nextOpen;
  return workers.nextIdle ?? (brief || policy.concurrency > 1 ? workers.nextOpen : undefined);
}

/** One that holds connections already, else a free one that the long lane may have: as few workers as there can be are kept from what is short. */
export function placeForConnection({ workers, staffing, policy }: SchedulerState): WorkerRecord | undefined {
  if (policy.reuse && workers.nextConnectable !== undefined) return workers.nextConnectable;
  return staffing.canStartConnection ? workers.nextIdle : undefined;
}

function placeConnections(state: SchedulerState, nowMs: number): void {
  const { waiting, workers, tasks, staffing } = state;
  for (;;) {
    const task = waiting.nextConnection;
    if (task === undefined) return;
    const worker = placeForConnection(state);
    if (worker === undefined) return;
    waiting.remove(task);
    const { id } = worker;
    tasks.record(task).state = {
      phase: 'running',
      worker: id,
      startedMs: nowMs,
      deadlineAtMs: nowMs + NEVER_MS,
      isDoubtful: false,
    };
    tasks.put(task, 'connections');
    workers.connect(worker, task, nowMs);
    staffing.gave(nowMs);
    state.order({ type: 'StartTask', task, worker: id, lane: 'long', ahead: false });
  }
}

/** Strictly in order: one that finds no place holds those behind it back, or workers that are never quite free would starve it. */
function placeShort(state: SchedulerState, nowMs: number): void {
  for (;;) {
    const task = state.waiting.nextShort;
    if (task === undefined) return;
    const record = state.tasks.record(task);
    const worker = placeFor(state, record.expected);
    if (worker === undefined) return;
    state.waiting.remove(task);
    send(state, record, worker, 'short', nowMs);
  }
}

function placeLong(state: SchedulerState, nowMs: number): void {
  const { waiting, workers, staffing, tasks } = state;
  while (waiting.longSize > 0 && staffing.canStartLong) {
    const task = waiting.takeLong();
    // A long task has time to get warm, and keeps its worker for long, or for good where its priority can't be raised again: the warm ones are for short ones.
    const worker = workers.coldestIdle;
    // What was taken from the long lane's queue is in no other one.
    if (task !== undefined && worker !== undefined) send(state, tasks.record(task), worker, 'long', nowMs);
  }
}

/** Of a task that waits no more, or need not. */
export function send(state: SchedulerState, record: TaskRecord, worker: WorkerRecord, lane: Lane, nowMs: number): void {
  const { workers, tasks } = state;
  const { task } = record;
  const ahead = worker.held.length > 0;
  if (ahead) {
    record.state = { phase: 'sent', worker: worker.id, sentMs: nowMs, wanted: true };
    tasks.put(task, 'ahead');
  } else begin(state, task, worker, lane, nowMs, canBeAsked(state, record));
  worker.lane = ahead ? worker.lane : lane;
  workers.hold(worker, record, nowMs);
  state.staffing.gave(nowMs);
  state.order({ type: 'StartTask', task, worker: worker.id, lane, ahead });
}

/** A worker without a task may still be busy, with what an earlier one left behind. One that is fresh is not. */
function canBeAsked({ policy }: SchedulerState, { facts }: TaskRecord): boolean {
  return policy.reuse && !facts.hasBody;
}

/** @param lane where it runs from now on */
export function begin(
  { tasks }: SchedulerState,
  task: number,
  worker: WorkerRecord,
  lane: Lane,
  nowMs: number,
  isDoubtful: boolean,
): void {
  const record = tasks.record(task);
  const runMs = record.facts.deadlineMs ?? worker.deadlineMs;
  const deadlineAtMs = nowMs + runMs + (worker.heldSinceMs === undefined ? 0 : NEVER_MS);
  record.state = { phase: 'running', worker: worker.id, startedMs: nowMs, deadlineAtMs, isDoubtful };
  record.waitedMs = 0;
  tasks.put(task, lane);
}
