/**
 * The state of a server as Prometheus reads it (text format 0.0.4). No label has more values than are listed here: with one a worker, mode
 * fork would make a new series of each task.
 */
import type { Lanes, State, Totals, WorkerInfo } from '../admin/api.ts';
import { type LaneTimes, TASK_ENDS, type TaskTimes, TIME_BOUNDS_MS } from '../http/task-counts.ts';

type Labels = Readonly<Record<string, string>>;
type Kind = 'counter' | 'gauge' | 'histogram';

const WORKER_STATES: readonly WorkerInfo['state'][] = ['starting', 'idle', 'busy', 'draining', 'killing'];
const HEALTHS: readonly WorkerInfo['health'][] = ['alive', 'busy', 'hung'];
const LANES = ['short', 'long'] as const;

/** @param isReady whether a new request would be taken */
export function metricsText(state: State, times: LaneTimes, isReady: boolean): string {
  return [...serverLines(state, isReady), ...taskLines(state, times), ...laneLines(state.lanes), ...workerLines(state.workers)]
    .join('\n')
    .concat('\n');
}

function serverLines({ server }: State, isReady: boolean): string[] {
  const { version, node, mode } = server;
  return [
    ...family('prefork_info', 'gauge', 'Always 1; the labels say what runs.', [[{ version, node, mode }, 1]]),
    ...gauge('prefork_start_time_seconds', 'Unix time of the start.', Date.parse(server.startedAt) / 1000),
    ...gauge('prefork_ready', '1 when a new request would be taken.', isReady ? 1 : 0),
    ...gauge('prefork_generation', 'Counts the code: one more with each reload.', server.generation),
    ...gauge('prefork_primary_resident_memory_bytes', 'Resident memory of the primary.', server.rssBytes),
    ...gauge('prefork_primary_cpu_ratio', 'CPUs that the primary uses.', server.cpuPercent / 100),
    ...gauge(
      'prefork_primary_event_loop_delay_seconds',
      'Event-loop delay of the primary, 99th percentile of the last seconds.',
      server.eventLoopDelayMs / 1000,
    ),
  ];
}

function taskLines({ totals, queue }: State, times: LaneTimes): string[] {
  const ends = TASK_ENDS.map((end): [Labels, number] => [{ end: snakeCase(end) }, totals[end satisfies keyof Totals]]);
  const of = (what: 'queue' | 'run'): [Labels, TaskTimes][] => LANES.map((lane) => [{ lane }, times[lane][what]]);
  return [
    ...family('prefork_tasks_admitted_total', 'counter', 'Tasks that were taken.', [[{}, totals.admitted]]),
    ...family('prefork_tasks_ended_total', 'counter', 'Tasks by how they ended.', ends),
    ...family('prefork_incidents_total', 'counter', 'Tasks and boots that went wrong.', [[{}, totals.incidents]]),
    ...gauge('prefork_queue_depth', 'Tasks that wait for a worker.', queue.depth),
    ...gauge('prefork_queue_limit', 'Most tasks that may wait.', queue.limit),
    ...gauge('prefork_queue_oldest_seconds', 'For how long the oldest of them has waited.', queue.oldestMs / 1000),
    ...histogram(
      'prefork_task_queue_seconds',
      'How long tasks waited that were begun, by whether they outran the quantum.',
      of('queue'),
    ),
    ...histogram('prefork_task_run_seconds', 'How long tasks ran, by whether they outran the quantum.', of('run')),
  ];
}

function laneLines(lanes: Lanes | null): string[] {
  if (lanes === null) return [];
  const { running, waiting, totals } = lanes;
  const { rejected, ...acts } = totals;
  const by = (label: string, counts: Readonly<Record<string, number>>): [Labels, number][] =>
    Object.entries(counts).map(([name, count]) => [{ [label]: snakeCase(name) }, count]);
  return [
    ...family(
      'prefork_lane_running',
      'gauge',
      'Tasks that run, by lane; overstaying: long ones on reserved workers.',
      by('lane', running),
    ),
    ...family('prefork_lane_waiting', 'gauge', 'Tasks that wait, by the lane they wait for.', by('lane', waiting)),
    ...family('prefork_lane_acts_total', 'counter', 'What was done to tasks on account of their lane.', by('act', acts)),
    ...family('prefork_tasks_rejected_total', 'counter', 'Tasks that were turned away, by why.', by('reason', rejected)),
  ];
}

function workerLines(workers: readonly WorkerInfo[]): string[] {
  const sum = (read: (worker: WorkerInfo) => number): number => workers.reduce((total, worker) => total + read(worker), 0);
  const most = (read: (worker: WorkerInfo) => number): number => workers.reduce((so, worker) => Math.max(so, read(worker)), 0);
  return [
    ...family(
      'prefork_workers',
      'gauge',
      'Workers by state.',
      WORKER_STATES.map((state) => [{ state }, sum((worker) => Number(worker.state === state))]),
    ),
    ...family(
      'prefork_workers_by_health',
      'gauge',
      'Workers by health: alive turns its event loop, busy computes, hung says nothing.',
      HEALTHS.map((health) => [{ health }, sum((worker) => Number(worker.health === health))]),
    ),
    ...gauge(
      'prefork_tasks_running',
      'Tasks that workers run.',
      sum(({ running }) => running),
    ),
    ...gauge(
      'prefork_longest_task_seconds',
      'For how long the longest of them has run.',
      most(({ task }) => task?.runMs ?? 0) / 1000,
    ),
    ...gauge(
      'prefork_workers_resident_memory_bytes',
      'Memory of all workers.',
      sum(({ rssBytes }) => rssBytes),
    ),
    ...gauge('prefork_workers_cpu_ratio', 'CPUs that all workers use.', sum(({ cpuPercent }) => cpuPercent) / 100),
    ...gauge(
      'prefork_workers_event_loop_delay_seconds',
      'Largest event-loop delay of a worker.',
      most(({ eventLoopDelayMs }) => eventLoopDelayMs) / 1000,
    ),
  ];
}

function gauge(name: string, help: string, value: number): string[] {
  return family(name, 'gauge', help, [[{}, value]]);
}

function family(name: string, kind: Kind, help: string, samples: readonly (readonly [Labels, number])[]): string[] {
  return [...head(name, kind, help), ...samples.map(([labels, value]) => sample(name, labels, value))];
}

function histogram(name: string, help: string, series: readonly (readonly [Labels, TaskTimes])[]): string[] {
  return [...head(name, 'histogram', help), ...series.flatMap(([labels, times]) => histogramSamples(name, labels, times))];
}

/** Prometheus counts each value in every bucket whose bound it does not exceed. */
function histogramSamples(name: string, labels: Labels, { counts, sumMs }: TaskTimes): string[] {
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    count += inBucket;
    const bound = TIME_BOUNDS_MS[index];
    return sample(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound / 1000) }, count);
  });
  return [...buckets, sample(`${name}_sum`, labels, sumMs / 1000), sample(`${name}_count`, labels, count)];
}

function head(name: string, kind: Kind, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escape(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
