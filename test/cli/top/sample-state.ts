import type { State, WorkerInfo } from '../../../src/admin/api.ts';
import { initialModel, type Happening, type Key, type Model, type Size } from '../../../src/cli/top/model.ts';
import { plainText } from '../../../src/cli/top/styled.ts';
import { update } from '../../../src/cli/top/update.ts';
import { view } from '../../../src/cli/top/view.ts';

const STARTED = '2026-11-25T12:00:00.000Z';
export const STARTED_MS = Date.parse(STARTED);

export function sampleWorker(id: number, changes: Partial<WorkerInfo> = {}): WorkerInfo {
  return {
    id,
    pid: 4000 + id,
    kind: 'process',
    state: 'idle',
    lane: null,
    served: 10 * id,
    startedAt: STARTED,
    bootMs: 120,
    rssBytes: 60 * 1024 * 1024,
    cpuPercent: 0,
    eventLoopDelayMs: 0,
    health: 'alive',
    generation: 1,
    task: null,
    running: 0,
    ...changes,
  };
}

/** A worker that runs this for so long. */
export function busyWorker(id: number, url: string, runMs: number, changes: Partial<WorkerInfo> = {}): WorkerInfo {
  const task = { id, method: 'GET', url, startedAt: STARTED, runMs };
  return sampleWorker(id, { state: 'busy', lane: 'short', cpuPercent: 50, task, running: 1, ...changes });
}

export function sampleState(workers: readonly WorkerInfo[], changes: Partial<State> = {}): State {
  return {
    server: {
      pid: 77,
      mode: 'pool',
      version: '0.1.0',
      node: 'v20.20.2',
      startedAt: STARTED,
      url: 'http://127.0.0.1:3000',
      state: 'serving',
      entry: '/srv/app.ts',
      generation: 1,
      rssBytes: 70 * 1024 * 1024,
      cpuPercent: 3,
      eventLoopDelayMs: 1.5,
    },
    workers,
    queue: { depth: 0, limit: 64, oldestMs: 0 },
    lanes: null,
    totals: {
      admitted: 0,
      completed: 0,
      failed: 0,
      crashed: 0,
      timedOut: 0,
      cancelled: 0,
      rejected: 0,
      incidents: 0,
    },
    ...changes,
  };
}

/** Goes through what happens, a second after the other, and gives the last model. */
export function after(model: Model, ...happenings: readonly Happening[]): Model {
  return happenings.reduce((before, happening) => update(before, happening, before.nowMs + 1000).model, model);
}

export function modelOf(state: State, size: Size = { columns: 100, rows: 30 }): Model {
  return after(initialModel(size, STARTED_MS), { event: 'state', data: state });
}

/** A key as the terminal sends it: what it types, or its name in angle brackets, `<C-c>` with control. */
export function key(name: string): Happening {
  const [, control, named] = /^<(C-)?(.+)>$/.exec(name) ?? [];
  const pressed: Key =
    named === undefined ? { name, text: name, ctrl: false } : { name: named, text: '', ctrl: control !== undefined };
  return { event: 'key', key: pressed };
}

export function screenOf(model: Model): string[] {
  return view(model).map(plainText);
}
