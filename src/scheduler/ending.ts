/** How tasks end: by themselves, because nobody waits for them, too late, or with their worker. */
import { askBack, askIfDoubtful, giveUp, hear } from './ahead.ts';
import type { SchedulerState } from './scheduler-state.ts';
import type { Started } from './task-table.ts';
import type { RetireReason } from './types.ts';
import type { WorkerRecord } from './worker-table.ts';

export function end(state: SchedulerState, task: number, runMs: number | undefined, nowMs: number): void {
  const { tasks, workers, costs } = state;
  const record = tasks.get(task);
  if (record === undefined || record.state.phase === 'queued') return;
  // What was cancelled early says nothing about what the key costs; what ran long all the same does.
  const isConnection = record.facts.isConnection === true;
  const ranMs = runMs ?? (record.state.phase === 'running' ? nowMs - record.state.startedMs : undefined);
  const isTypical = record.state.phase === 'running' || record.state.phase === 'sent';
  if (ranMs !== undefined && isTypical && state.policy.concurrency === 1 && !isConnection)
    costs.learn(record.facts.key, Math.max(0, ranMs - record.waitedMs));
  tasks.delete(task);
  state.backlog.ended();
  const worker = workers.get(record.state.worker);
  if (worker === undefined) return;
  if (!isConnection) {
    if (!workers.release(worker, record)) return;
    worker.lane = 'short';
  } else if (!worker.connections.delete(task)) return;
  hear(state, worker, nowMs);
  settle(state, worker);
}

/** A worker that is not to be used again is retired as soon as it holds nothing. */
export function settle(state: SchedulerState, worker: WorkerRecord): void {
  if (worker.phase !== 'ready' || worker.held.length + worker.connections.size > 0) return;
  const reason = state.staffing.reasonToRetire(worker);
  if (reason !== undefined) retire(state, worker.id, reason);
}

/**
 * The only worker is not to be used again, and holds connections, which may last for hours: what waits for it would wait as long. They end with
 * it, as they do at a reload.
 */
export function endSpent(state: SchedulerState): void {
  const { workers, waiting, staffing } = state;
  if (!workers.isAlone || waiting.shortSize + waiting.longSize === 0) return;
  for (const worker of workers.all) {
    if (worker.phase !== 'ready' || worker.held.length > 0 || worker.connections.size === 0) continue;
    const reason = staffing.reasonToRetire(worker);
    if (reason !== undefined) retire(state, worker.id, reason);
  }
}

export function retire({ workers, commands }: SchedulerState, worker: number, reason: RetireReason): void {
  workers.withdraw(worker);
  commands.push({ type: 'RetireWorker', worker, reason });
}

export function cancel(state: SchedulerState, task: number, nowMs: number): void {
  const { tasks, waiting } = state;
  const record = tasks.get(task);
  if (record === undefined) return;
  const { state: before } = record;
  switch (before.phase) {
    case 'queued':
      waiting.remove(task);
      tasks.delete(task);
      return;
    case 'sent':
      record.state = { ...before, wanted: false };
      if (!tasks.isIn(task, 'ahead')) return;
      tasks.put(task, 'askedBack');
      state.order({ type: 'RevokeTask', task, worker: before.worker });
      return;
    case 'running':
      if (tasks.isIn(task, 'connections')) {
        // Its worker closes it when it gets to that, and others depend on that worker.
        const { deadlineAtMs: lastMs } = before;
        record.state = { ...before, phase: 'cancelled', killAtMs: lastMs, lastMs, reason: 'cancelled' };
        state.order({ type: 'CancelTask', task, worker: before.worker });
        return;
      }
      askIfDoubtful(state, task);
      giveUp(state, task, before, 'cancelled', nowMs);
      state.order({ type: 'CancelTask', task, worker: before.worker });
      return;
    case 'cancelled':
    case 'killed':
  }
}

/** It is past its deadline, or does not stop: ends its worker, which may be the only thing that helps. */
export function kill(
  state: SchedulerState,
  task: number,
  before: Started,
  reason: 'cancelled' | 'deadline',
  nowMs: number,
): void {
  const { tasks, workers, costs, policy } = state;
  const record = tasks.record(task);
  const worker = workers.get(before.worker);
  // Its neighbours would die with it.
  if (worker !== undefined && worker.held.length > 1 && policy.concurrency > 1) {
    if (before.phase === 'running') {
      // It may stop when it is asked to.
      giveUp(state, task, before, 'deadline', nowMs);
      state.order({ type: 'ExpireTask', task, worker: before.worker });
      return;
    }
    if (before.reason === 'cancelled') {
      // That nobody waits for it is no reason to take from others what they wait for: its deadline is.
      const lastMs = before.startedMs + (record.facts.deadlineMs ?? worker.deadlineMs);
      record.state = { ...before, killAtMs: lastMs, lastMs, reason: 'deadline' };
      tasks.put(task, 'cancelled');
      return;
    }
  }
  // One that is ended early might have taken any time.
  const ranMs = nowMs - before.startedMs - record.waitedMs;
  if (policy.concurrency === 1 && ranMs > policy.quantumMs) costs.learn(record.facts.key, ranMs);
  tasks.take(task);
  record.state = { phase: 'killed', worker: before.worker };
  workers.withdraw(before.worker);
  const isDeaf = before.phase === 'cancelled' && before.killAtMs < before.lastMs;
  state.order({ type: 'KillTask', task, worker: before.worker, reason, isDeaf });
  if (worker !== undefined) askBack(state, worker);
}

/** What it had begun is lost, but for what may be started again; what it had not begun waits once more. */
export function loseWorker(state: SchedulerState, id: number, nowMs: number): void {
  const { tasks, workers } = state;
  const worker = workers.remove(id);
  if (worker === undefined) return;
  for (const task of worker.connections) {
    tasks.delete(task);
    state.order({ type: 'LoseTask', task, worker: id });
  }
  for (const task of worker.held) {
    const record = tasks.record(task);
    const { state: before } = record;
    const { restartable, retries = 1 } = record.facts;
    const mayStartAgain = restartable && !record.committed && record.retried < retries;
    if (before.phase === 'sent' && before.wanted) {
      state.order({ type: 'ReturnTask', task, worker: id });
      state.returnToQueue(task, nowMs);
    } else if (before.phase === 'running' && mayStartAgain) {
      record.retried += 1;
      state.order({ type: 'RetryTask', task, worker: id });
      state.returnToQueue(task, nowMs);
    } else {
      tasks.delete(task);
      state.order({ type: 'LoseTask', task, worker: id });
    }
  }
}
