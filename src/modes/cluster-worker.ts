/**
 * The first file of a worker of mode cluster: a front and a handler in one process, which accepts connections by itself,
 * with the same watchdog and the same channel to the supervisor as any other worker.
 */
import { subscribe } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';
import { decodeToWorker } from '../channel/codec.ts';
import { Link } from '../channel/link.ts';
import {
  type BootFailure,
  type BootOptions,
  type FromWorker,
  PROTOCOL_VERSION,
  type RetirementReason,
  type RunningTask,
  type ToWorker,
} from '../channel/messages.ts';
import { incidentIdOf } from '../errors/incident-id.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { PreforkEvent } from '../events/events.ts';
import type { Exchange } from '../http/exchange.ts';
import { Front } from '../http/front.ts';
import { TASK_CELLS, TaskCounts } from '../http/task-counts.ts';
import { CLUSTER_SETTINGS, type ClusterSettings } from './cluster-settings.ts';
import { InlineBackend } from './inline-backend.ts';
import { loadInlineWorker } from './inline-worker.ts';

const settings = JSON.parse(process.env[CLUSTER_SETTINGS] ?? '{}') as ClusterSettings;
delete process.env[CLUSTER_SETTINGS];

const inline = await loadInlineWorker();
const board = new inline.TaskBoard(TASK_CELLS);
const pulse = inline.startWatchdog({ tickMs: 100, tasks: board.memory });
// Only the primary decides when a worker ends; a Ctrl-C reaches the whole process group.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

/** No more of each text of a failure is reported: it all has to fit into a frame. */
const LONGEST_CHARACTERS = 16 * 1024;
/** Whoever sends one request after the other sends the next one within this time. */
const LINGER_MS = 1000;

const BOOT_CODES: readonly string[] = [
  'ERR_HANDLER_LOAD',
  'ERR_HANDLER_INVALID',
  'ERR_BAD_OPTION',
  'ERR_PORT_IN_USE',
  'ERR_LISTEN',
] satisfies BootFailure['code'][];

let front: Front | undefined;
let draining = false;
let backend: InlineBackend | undefined;

const link = new Link<ToWorker, FromWorker>(inline.openDataSocket(), decodeToWorker, {
  onMessage(message) {
    if (message.type === 'Boot') void boot(message.options);
    else if (message.type === 'Drain') void drain(message.isReplaced);
  },
  onClose: inline.leave,
});

/** The log, and whatever else listens, is in the primary. */
subscribe('prefork:task:failed', (event) => {
  const { task, code, message, stack, method, target, runMs, incident } = event as Extract<PreforkEvent, { type: 'task:failed' }>;
  link.send({
    type: 'FailureReported',
    failure: { task, code, message: cut(message), stack: cut(stack), method, target: cut(target), runMs, incident },
  });
});

async function boot(options: BootOptions): Promise<void> {
  let tasksLeft = options.taskLimit === 0 ? Number.POSITIVE_INFINITY : options.taskLimit;
  backend = new InlineBackend(inline, settings, options.typescript, {
    onNextDeadline: (inMs) => pulse.setDeadline(inMs === undefined ? undefined : inline.monotonicMs() + Math.ceil(inMs)),
    onOldest: (oldest) => board.setOldest(oldest === undefined ? undefined : describe(oldest)),
    onTaskStarted: () => {
      tasksLeft -= 1;
      if (tasksLeft === 0) retire('maxRequests');
      if (draining) link.send({ type: 'TasksLeft', count: front?.openCount ?? 0 });
    },
    onTaskEnded: (running) => {
      if (draining) link.send({ type: 'TasksLeft', count: running });
    },
    incidentOf: ({ id }) => incidentIdOf(settings.incidentSeed, process.pid, id),
    onDeadlinePassed: () => retire('deadline'),
  });
  try {
    front = new Front(settings, backend, new TaskCounts(settings.quantumMs, board.counts), () => undefined);
    await backend.start();
    backend.onTakes((kinds) => front?.take(kinds));
    await front.listen();
    link.send({ type: 'Ready', protocol: PROTOCOL_VERSION, config: backend.config, thread: 0 });
  } catch (error) {
    link.send({ type: 'BootFailed', failure: toFailure(error) });
    link.end();
  }
}

function cut(text: string): string {
  return text.slice(0, LONGEST_CHARACTERS);
}

function retire(reason: RetirementReason): void {
  link.send({ type: 'RetirementDue', reason });
}

async function drain(isReplaced: boolean): Promise<void> {
  draining = true;
  link.send({ type: 'TasksLeft', count: front?.openCount ?? 0 });
  // Its clients know nothing of the change, and some are about to send. The end of the whole server is another matter.
  await front?.close(isReplaced ? LINGER_MS : 0, () => link.send({ type: 'IntakeEnded' }));
  await backend?.close();
  reportTasks();
  link.end();
}

/** What was counted since the last heartbeat would be lost else. */
function reportTasks(): void {
  link.send({ type: 'TasksReported', counts: Array.from(board.counts), oldest: null });
}

// A handler may end this process.
process.once('exit', () => {
  reportTasks();
  link.flush();
});

function describe({ id, request, startedMs = 0 }: Exchange): RunningTask {
  return { task: id, method: request.method ?? '', url: request.url ?? '', runMs: performance.now() - startedMs };
}

function toFailure(error: unknown): BootFailure {
  const stack = error instanceof PreforkError && typeof error.cause === 'string' ? error.cause : '';
  const code = error instanceof PreforkError && isBootCode(error.code) ? error.code : 'ERR_HANDLER_LOAD';
  return { code, error: { name: '', message: messageOf(error), stack } };
}

function isBootCode(code: string): code is BootFailure['code'] {
  return BOOT_CODES.includes(code);
}
