/**
 * A thread beside the main thread of a worker process, with an event loop and a socket to the primary of its own: it goes
 * on while user code computes for minutes. It reports vitals, and when the primary is gone it ends this process and all its
 * children. It takes tasks back that the main thread has not begun. It sends pings to the main thread and reads the answers from shared
 * memory, and calls into it only when it is asked to look what it does there.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Claims } from '../channel/claims.ts';
import { decodeToWatchdog } from '../channel/codec.ts';
import { Link } from '../channel/link.ts';
import type { FromWatchdog, ObservationOrder, ToWatchdog } from '../channel/messages.ts';
import { killTree } from './kill-tree.ts';
import { elapsedMs, monotonicMs, Pulse } from './pulse.ts';
import { openControlSocket } from './sockets.ts';
import { TaskBoard } from './task-board.ts';

const REPORT_EVERY_MS = 500;
/** A main thread whose loop turns ends a late task by itself; so much later it is certain that it can not. */
const OVERDUE_MS = 200;

const shared = workerData as {
  memory: SharedArrayBuffer;
  claims: SharedArrayBuffer | undefined;
  tasks: SharedArrayBuffer | undefined;
  tickMs: number;
};
const { tickMs } = shared;
const pulse = new Pulse(shared.memory);
const claims = new Claims(shared.claims);
// Mode cluster alone has one.
const board = shared.tasks === undefined ? undefined : new TaskBoard(0, shared.tasks);

const link = new Link<ToWatchdog, FromWatchdog>(openControlSocket(), decodeToWatchdog, {
  onMessage(message) {
    if (message.type !== 'RevokeTask') {
      observe(message);
      return;
    }
    const { task, slot } = message;
    link.send({ type: claims.revoke(slot, task) ? 'TaskRevoked' : 'TaskKept', task, slot });
  },
  // The primary holds the other end for as long as it lives, and closes it to have this tree of processes killed.
  onClose: killTree,
});

let observer: Promise<{ receive(order: ObservationOrder): void }> | undefined;

/** Most workers are never looked into: what that takes is loaded by the first one who asks. */
function observe(order: ObservationOrder): void {
  observer ??= import('./observe-main-thread.ts').then(({ observeMainThread }) =>
    // Nobody sends tasks to a worker of mode cluster, so that there is nothing to take back.
    observeMainThread(shared.claims === undefined, (answer) => link.send(answer)),
  );
  observer.then(
    (loaded) => loaded.receive(order),
    (error: unknown) => {
      if (order.type !== 'Observe') return;
      link.send({ type: 'ObservationEnded', request: order.request, error: `this Node can not look into it: ${String(error)}` });
    },
  );
}

let round = 0;
let pingedAtMs = 0;
let lastReportMs = monotonicMs();

function ping(): void {
  pingedAtMs = monotonicMs();
  round = pulse.ping();
  parentPort?.postMessage(null);
}

function reportTasks(): void {
  const oldest = board?.readOldest();
  if (board !== undefined && oldest !== undefined) link.send({ type: 'TasksReported', counts: Array.from(board.counts), oldest });
}

function report(nowMs: number): void {
  reportTasks();
  const answeredAtMs = pulse.answeredAtMs(round);
  const { user, system } = process.cpuUsage();
  link.send({
    type: 'Heartbeat',
    vitals: {
      eventLoopDelayMs: Math.max(0, elapsedMs(answeredAtMs ?? nowMs, pingedAtMs)),
      cpuMicros: user + system,
      rssBytes: process.memoryUsage.rss(),
    },
  });
  // One ping at a time: the age of the unanswered one is the delay.
  if (answeredAtMs !== undefined) ping();
}

ping();
setInterval(() => {
  const nowMs = monotonicMs();
  const overdueMs = pulse.overdueMs(nowMs);
  if (overdueMs >= OVERDUE_MS) {
    // What it was at when it is ended.
    reportTasks();
    link.send({ type: 'DeadlinePassed', overdueMs });
  }
  if (elapsedMs(nowMs, lastReportMs) < REPORT_EVERY_MS - tickMs / 2) return;
  lastReportMs = nowMs;
  report(nowMs);
}, tickMs);
