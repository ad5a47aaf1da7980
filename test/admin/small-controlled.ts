import type { Done, Incidents, Inspection, ReloadReport, State } from '../../src/admin/api.ts';
import type { Controlled } from '../../src/admin/controlled.ts';
import type { Incident } from '../../src/diagnostics/incident.ts';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { type LaneTimes, TASK_CELLS, timesOf } from '../../src/http/task-counts.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';

export const INCIDENT: Incident = {
  id: 'abcdefghijk0',
  kind: 'deadline',
  group: 'deadline GET /report spin',
  at: '2026-01-02T03:04:05.678Z',
  mode: 'pool',
  worker: { id: 1, pid: 4711 },
  request: { task: 7, method: 'GET', url: '/report?x=\u2028', route: 'GET /report' },
  figures: null,
  stack: null,
  lastWords: ['fatal: \u001b[31mred'],
  timeline: [],
  end: null,
};

const STATE: State = {
  server: {
    pid: 4000,
    mode: 'pool',
    version: '0.1.0',
    node: 'v20.20.0',
    startedAt: '2026-01-02T03:04:05.000Z',
    url: 'http://127.0.0.1:3000',
    state: 'serving',
    entry: '/app/server.ts',
    generation: 1,
    rssBytes: 64 * 2 ** 20,
    cpuPercent: 12,
    eventLoopDelayMs: 0.4,
  },
  workers: [],
  queue: { depth: 3, limit: 64, oldestMs: 120 },
  lanes: {
    running: { short: 1, long: 2, overstaying: 1, connections: 0 },
    waiting: { short: 1, long: 2 },
    totals: {
      demoted: 5,
      requeued: 1,
      overstayed: 2,
      expectedLong: 3,
      retried: 0,
      rejected: { queueFull: 0, overloaded: 0, queueTimeout: 0, longLaneFull: 1, noWorker: 0, closing: 0 },
    },
  },
  totals: { admitted: 9, completed: 3, failed: 2, crashed: 1, timedOut: 1, cancelled: 1, rejected: 1, incidents: 1 },
};

/** A server with one worker, w1 with pid 4711, of which everything may be asked. It notes what it was told to do. */
export class SmallControlled implements Controlled {
  readonly told: string[] = [];
  /** How often its state was asked for. */
  states = 0;
  /** Makes the state larger. */
  padding = '';
  inspected = false;
  heapPieces: (string | Error)[] = ['{"snapshot":', '{}}'];
  /** A trace waits for its signal, and then fails. */
  traceHangs = false;
  ready = true;
  endWorker = (): void => {};

  state(): State {
    this.states += 1;
    return { ...STATE, server: { ...STATE.server, entry: `/app/server.ts${this.padding}` } };
  }

  settings(): { settings: { name: string; value: number; source: string }[] } {
    return { settings: [{ name: 'max', value: 4, source: 'flag' }] };
  }

  times(): LaneTimes {
    return timesOf(new Float64Array(TASK_CELLS));
  }

  metrics(): string {
    return '# HELP prefork_ready 1\n# TYPE prefork_ready gauge\nprefork_ready 1\n';
  }

  incidents(): Incidents {
    return { groups: [], incidents: [INCIDENT], dropped: 0 };
  }

  incident(id: string): Incident | undefined {
    return id === INCIDENT.id ? INCIDENT : undefined;
  }

  readiness(): { ready: boolean; why: string } {
    return { ready: this.ready, why: this.ready ? 'a new request would be taken' : 'the server is ending' };
  }

  async trace(worker: string, signal: AbortSignal): Promise<StackReport> {
    this.#find(worker);
    if (this.traceHangs) {
      this.told.push(`trace ${worker}`);
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      this.told.push('trace given up');
      throw signal.reason;
    }
    return {
      pid: 4711,
      worker: 1,
      takenAt: '2026-01-02T03:04:05.678Z',
      tookMs: 25,
      verdict: 'computing',
      summary: 'computing in spin (/app/server.ts:3), for 3 of 3 samples',
      frames: [],
      source: null,
      samples: [],
      resources: null,
      thread: null,
      cpuPercent: 99,
    };
  }

  async profile(worker: string, ms: number): Promise<string> {
    this.#find(worker);
    return JSON.stringify({ nodes: [], startTime: 0, endTime: ms * 1000 });
  }

  async *heap(worker: string): AsyncIterable<Uint8Array> {
    this.#find(worker);
    for (const piece of this.heapPieces) {
      if (piece instanceof Error) throw piece;
      yield Buffer.from(piece);
    }
  }

  async inspect(
    worker: string,
    { holdDeadline }: { holdDeadline: boolean },
    signal: AbortSignal,
  ): Promise<Inspection & { closed: Promise<void> }> {
    this.#find(worker);
    this.told.push(`inspect ${worker} ${holdDeadline ? 'held' : 'free'}`);
    this.inspected = true;
    signal.addEventListener('abort', () => (this.inspected = false));
    const closed = new Promise<void>((resolve) => {
      this.endWorker = resolve;
    });
    return { pid: 4711, webSocketUrl: 'ws://127.0.0.1:9229/x', devtoolsUrl: 'devtools://devtools/x', closed };
  }

  async recycle(worker: string): Promise<Done> {
    return this.#do(`recycle ${this.#find(worker)}`);
  }

  async kill(worker: string): Promise<Done> {
    return this.#do(`kill ${this.#find(worker)}`);
  }

  async scale(workers: number): Promise<Done> {
    return this.#do(`scale ${workers}`);
  }

  async reload(): Promise<ReloadReport> {
    throw new PreforkError('ERR_RELOAD', 'the new code does not boot: SyntaxError, at /app/server.ts:1:1');
  }

  stop(force: boolean): Done {
    return this.#do(force ? 'stop by force' : 'stop');
  }

  #do(what: string): Done {
    this.told.push(what);
    return { done: what };
  }

  #find(worker: string): string {
    if (worker === '4711' || worker === 'w1') return worker;
    throw new PreforkError('ERR_NO_SUCH_WORKER', `no worker has the pid or id ${worker}, there is w1 with pid 4711`);
  }
}
