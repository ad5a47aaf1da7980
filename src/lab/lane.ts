/**
 * One lane: a server in one mode, as a process of its own, and the tabs that ask it. It owns the life of that server; what became of the
 * children of one that was killed is looked up in /proc, and not asked from anybody who could be wrong about it.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../admin/refusal.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { ServerSpawner, SpawnedServer } from '../supervisor/spawn-server.ts';
import { printable } from '../text/printable.ts';
import type { Lane as LaneTold, LabMode, LaneWorker } from './api.ts';
import { EndWatch } from './end-watch.ts';
import { LaneProcesses } from './lane-processes.ts';
import { type ProcessTable, readProcessTable } from './process-table.ts';
import { type OpenedTab, Tabs } from './tabs.ts';
import { WorkerWatch } from './watch-workers.ts';

const FOLDER = fileURLToPath(new URL('../../examples/prime/', import.meta.url));
const ENTRY = 'server.ts';
/** So many processes of 60 MB are enough to see it. */
const FLAGS: Readonly<Record<LabMode, readonly string[]>> = {
  blocking: [],
  fork: ['--max', '16'],
  pool: ['--max', '16'],
  thread: ['--max', '16'],
  cluster: [],
};
const LINES_KEPT = 5;
/** Time to end in order, when the lab ends. */
const POLITE_MS = 1000;
const LOOK_EVERY_MS = 20;

interface Running {
  readonly server: SpawnedServer;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  /** Resolves when it serves, and rejects when it is gone before. */
  readonly serving: Promise<void>;
  readonly stderr: string[];
  url: string | undefined;
  dashboard: string | null;
  watch: WorkerWatch | undefined;
  /** Ended on purpose, to begin afresh: nobody has to be told what became of it. */
  isReplaced: boolean;
}

type Life = { readonly is: 'running'; readonly running: Running } | { readonly is: 'gone'; readonly why: string };

export class Lane {
  readonly mode: LabMode;
  readonly #spawner: ServerSpawner;
  readonly #onChange: () => void;
  readonly #tabs: Tabs;
  readonly #processes = new LaneProcesses();
  readonly #end: EndWatch;
  #isClosed = false;
  #life: Life = { is: 'gone', why: 'it is not started yet' };

  constructor(mode: LabMode, spawner: ServerSpawner, onChange: () => void) {
    this.mode = mode;
    this.#spawner = spawner;
    this.#onChange = onChange;
    this.#tabs = new Tabs(onChange);
    this.#end = new EndWatch(this.#processes, () => this.look(readProcessTable()), onChange);
  }

  /** Starts the server, unless one runs. Resolves when it serves. @throws Refusal 502 or 503, PreforkError ERR_SPAWN */
  async start(): Promise<void> {
    if (this.#life.is === 'running') {
      await this.#life.running.serving;
      return;
    }
    if (this.#isClosed) throw new Refusal(503, 'the lab is ending');
    let running: Running;
    try {
      running = this.#spawn();
      this.#life = { is: 'running', running };
    } catch (error) {
      this.#life = { is: 'gone', why: whyOf(error) };
      throw error;
    } finally {
      this.#onChange();
    }
    await running.serving;
  }

  /** Kills the primary, and it alone. @throws Refusal 409 when none runs */
  kill(): number {
    const { server } = this.#mustRun();
    // Whoever is its child now is to be found afterwards.
    this.look(readProcessTable());
    this.#end.begin(server.pid, 'SIGKILL');
    server.signal('SIGKILL');
    return server.pid;
  }

  /** Ends the server, whatever it does, and starts another one. Resolves when that serves. */
  async restart(): Promise<void> {
    if (this.#life.is === 'running') {
      const { running } = this.#life;
      running.isReplaced = true;
      running.server.end();
      await running.gone;
    }
    await this.start();
  }

  /** @throws Refusal 409 when it does not serve, or has too many tabs */
  ask(number: number): OpenedTab {
    const { url } = this.#mustRun();
    if (url === undefined) throw new Refusal(409, `${this.mode} is still starting; ask when it serves`);
    return this.#tabs.open(url, number);
  }

  get isServing(): boolean {
    return this.#life.is === 'running' && this.#life.running.url !== undefined;
  }

  get loading(): number {
    return this.#tabs.loading;
  }

  closeTab(id: number): boolean {
    return this.#tabs.close(id) > 0;
  }

  closeTabs(): number {
    return this.#tabs.close();
  }

  /** Closes all tabs, and forgets them. @returns how many were loading */
  clear(): number {
    const count = this.#tabs.close();
    this.#tabs.sweep();
    return count;
  }

  /** Brings up to date what is known of the processes. */
  look(table: ProcessTable | null): void {
    if (table === null) return;
    this.#processes.look(table, this.#pid, performance.now());
    this.#end.count();
  }

  /** Asks the server what its workers do. */
  askWorkers(): void {
    if (this.#life.is === 'running' && this.mode !== 'blocking') this.#life.running.watch?.ask();
  }

  /** Whether no worker boots, and one is free beside so many that are busy, as far as the server tells of its workers. */
  isSettled(busy: number): boolean {
    if (this.#life.is !== 'running' || this.mode === 'blocking' || this.mode === 'cluster') return true;
    const workers = [...(this.#life.running.watch?.workers.values() ?? [])].flat();
    const count = (state: LaneWorker['state']): number => workers.filter((worker) => worker.state === state).length;
    return count('starting') === 0 && count('idle') > 0 && count('busy') >= busy;
  }

  tell(): LaneTold {
    const { mode } = this;
    const workers = this.#life.is === 'running' ? this.#life.running.watch?.workers : undefined;
    return {
      mode,
      command: `prefork serve examples/prime/${ENTRY} ${['--mode', mode, ...FLAGS[mode]].join(' ')}`,
      server: this.#tellServer(),
      tabs: this.#tabs.tell(performance.now()),
      processes: process.platform === 'linux' ? this.#processes.tell(this.#pid, workers ?? new Map()) : null,
      end: this.#end.tell(),
    };
  }

  /** Ends the server and all that is left of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end.close();
    this.#tabs.close();
    this.look(readProcessTable());
    if (this.#life.is === 'running') {
      const { running } = this.#life;
      running.isReplaced = true;
      running.server.signal('SIGTERM');
      const timer = setTimeout(() => running.server.end(), POLITE_MS);
      await running.gone;
      clearTimeout(timer);
    }
    await this.#endLeft();
  }

  get #why(): string {
    return this.#life.is === 'gone' ? this.#life.why : 'it has ended';
  }

  get #pid(): number | undefined {
    return this.#life.is === 'running' ? this.#life.running.server.pid : undefined;
  }

  #mustRun(): Running {
    if (this.#life.is === 'running') return this.#life.running;
    throw new Refusal(409, `the server of ${this.mode} is gone; start it again first`);
  }

  #spawn(): Running {
    if (!existsSync(`${FOLDER}${ENTRY}`))
      throw new PreforkError('ERR_ENTRY_NOT_FOUND', `found no ${FOLDER}${ENTRY}, which the lab serves; install prefork again`);
    const words = ['serve', ENTRY, '--mode', this.mode, '--port', '0', '--admin-port', '0', '--log-level', 'error'];
    const [gone, serving] = [withResolvers<void>(), withResolvers<void>()];
    const server = this.#spawner.spawn([...words, ...FLAGS[this.mode]], FOLDER, {
      onOutput: (stream, line) => this.#read(running, stream, line, serving.resolve),
      onExit: ({ code, signal }) => {
        this.#onGone(running, signal ?? `exit code ${code}`);
        gone.resolve();
        serving.reject(new Refusal(502, `${this.mode} did not start: ${this.#why}`));
      },
    });
    // Not all who start it wait for that.
    serving.promise.catch(() => undefined);
    const running: Running = {
      server,
      gone: gone.promise,
      serving: serving.promise,
      stderr: [],
      url: undefined,
      dashboard: null,
      watch: undefined,
      isReplaced: false,
    };
    return running;
  }

  #read(running: Running, stream: 'stdout' | 'stderr', line: string, onServing: () => void): void {
    if (stream === 'stderr') {
      running.stderr.push(line);
      if (running.stderr.length > LINES_KEPT) running.stderr.shift();
      return;
    }
    const [, url] = /^listening on (http:\S+)$/.exec(line) ?? [];
    if (url !== undefined) running.url = url;
    const [, admin] = /^admin on (http:\S+?)\/#/.exec(line) ?? [];
    if (admin === undefined) return;
    running.dashboard = admin;
    running.watch = new WorkerWatch(admin);
    // The last that it prints.
    this.#onChange();
    onServing();
  }

  #onGone({ server: { pid }, stderr, isReplaced }: Running, how: string): void {
    const last = stderr.at(-1);
    const said = last === undefined ? '' : `: ${printable(last).slice(0, 300)}`;
    this.#life = { is: 'gone', why: `its primary ${pid} ended by ${how}${said}` };
    if (!isReplaced) this.#end.begin(pid, how);
    this.#onChange();
  }

  #tellServer(): LaneTold['server'] {
    if (this.#life.is === 'gone') return this.#life;
    const { server, url, dashboard } = this.#life.running;
    return url === undefined || dashboard === null
      ? { is: 'starting', pid: server.pid }
      : { is: 'serving', pid: server.pid, url, dashboard };
  }

  /** The workers of a primary that is gone end by themselves; should one not, it is ended here. */
  async #endLeft(): Promise<void> {
    const untilMs = performance.now() + POLITE_MS;
    for (;;) {
      this.look(readProcessTable());
      const { pids } = this.#processes;
      if (pids.length === 0) return;
      if (performance.now() > untilMs) {
        for (const pid of pids) kill(pid);
        return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY_MS);
      });
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** @returns what to tell of an error that a lane ended with */
export function whyOf(error: unknown): string {
  return printable(messageOf(error));
}

/** `Promise.withResolvers` comes with Node 22. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((fulfil, fail) => {
    [resolve, reject] = [fulfil, fail];
  });
  return { promise, resolve, reject };
}
