import type { TaskSubject, WorkerSubject } from '../../src/diagnostics/incident-recorder.ts';
import type { StackFrame, StackReport } from '../../src/diagnostics/stack-report.ts';

export function workerSubject(changes: Partial<WorkerSubject> = {}): WorkerSubject {
  return {
    id: 3,
    pid: 4711,
    vitals: { eventLoopDelayMs: 900, cpuMicros: 5_000_000, rssBytes: 60_000_000 },
    lastWords: [],
    ...changes,
  };
}

/** A task that waited for 20 ms, has run for a second, and was demoted after 50 ms of that. */
export function taskSubject(changes: Partial<TaskSubject> = {}): TaskSubject {
  const startedMs = performance.now() - 1000;
  return {
    task: 9,
    method: 'GET',
    url: '/report?id=7',
    route: 'GET /report',
    receivedMs: startedMs - 20,
    startedMs,
    demotedMs: startedMs + 50,
    cpuMicrosAtStart: 4_000_000,
    worker: workerSubject(),
    ...changes,
  };
}

export function frame(name: string, file: string, line: number, origin: StackFrame['origin'] = 'user'): StackFrame {
  return { function: name, file, line, column: 5, origin };
}

export function stackReport(changes: Partial<StackReport> = {}): StackReport {
  const frames = changes.frames ?? [
    frame('next', '/app/node_modules/lib/index.js', 8, 'dependency'),
    frame('spin', '/app/report.ts', 12),
    frame('run', '/app/report.ts', 30),
    frame('listOnTimeout', 'node:internal/timers', 581, 'node'),
  ];
  return {
    pid: 4711,
    worker: 3,
    takenAt: '2026-11-25T12:00:00.000Z',
    tookMs: 21,
    verdict: 'computing',
    summary: 'computing in spin (/app/report.ts:12)',
    source: null,
    samples: [frames],
    resources: null,
    thread: null,
    cpuPercent: 100,
    ...changes,
    frames,
  };
}
