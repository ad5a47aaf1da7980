import type { ChildProcess } from 'node:child_process';
import type { Family } from './family.ts';
import type { Lines } from './lines.ts';
import type { ProcessInfo } from './processes.ts';
import { until } from './until.ts';

/** How a process ended: one of the two is null, as in the `exit` event of `child_process`. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of the server's JSON log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface TestServerParts {
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly family: Family;
  readonly goneWithinMs: number;
}

/** How long the server gets to end by itself when a test is over, ms; what it does with SIGTERM is for other tests to see. */
const POLITE_MS = 1000;

/** A running `prefork serve`; `await using` ends it and fails the test if any process that it started is left. */
export class TestServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #parts: TestServerParts;
  #life: { at: 'running' } | { at: 'exited' | 'closed'; exit: Exit } = { at: 'running' };

  constructor(child: ChildProcess, parts: TestServerParts) {
    this.#child = child;
    this.#parts = parts;
    child.once('exit', (code, signal) => (this.#life = { at: 'exited', exit: { code, signal } }));
    child.once('close', (code, signal) => (this.#life = { at: 'closed', exit: { code, signal } }));
  }

  /** Where it listens, such as `http://127.0.0.1:40123`, without a slash at the end. */
  get url(): string {
    const url = this.#listeningUrl();
    if (url === undefined) throw new Error('the server does not listen yet');
    return url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  isListening(): boolean {
    return this.#listeningUrl() !== undefined;
  }

  /** Whether it has ended, and nobody holds its stdout and stderr any more. */
  hasClosed(): boolean {
    return this.#life.at === 'closed';
  }

  /** The complete lines of stdout so far. */
  stdout(): readonly string[] {
    return this.#parts.stdout.all;
  }

  /** The complete lines of stderr so far, be they JSON or not. */
  stderr(): readonly string[] {
    return this.#parts.stderr.all;
  }

  /** The log so far: those lines of stderr that are JSON objects. */
  logs(): LogLine[] {
    return this.#parts.stderr.all.map(parseLog).filter((line) => line !== null);
  }

  /** Waits for a line of stdout that matches, such as `/admin on (\S+)/`. */
  async waitForStdout(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray> {
    return until(() => this.#parts.stdout.all.map((line) => pattern.exec(line)).find((match) => match !== null), {
      describe: () => `a line of stdout like ${pattern}; it has: ${this.#parts.stdout.all.join('\n')}`,
      ...bound(withinMs),
    });
  }

  /** Waits for the first log line, old or new, for which the predicate holds. */
  async waitForLog(predicate: (line: LogLine) => boolean, withinMs?: number): Promise<LogLine> {
    return until(() => this.logs().find(predicate), {
      describe: () => `a log line for which ${predicate.toString()}; stderr has:\n${this.#parts.stderr.all.join('\n')}`,
      ...bound(withinMs),
    });
  }

  /** The live processes that come from the server, itself not included, those of dead parents included. */
  children(): ProcessInfo[] {
    return this.#parts.family.children();
  }

  /** Waits for a child for which the predicate holds. */
  async waitForChild(predicate: (info: ProcessInfo) => boolean, withinMs?: number): Promise<ProcessInfo> {
    return until(() => this.children().find(predicate), {
      describe: () => `a child for which ${predicate.toString()}; there are ${JSON.stringify(this.children())}`,
      ...bound(withinMs),
    });
  }

  /** Sends a signal to the server alone and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the server has ended by itself, and resolves with how. */
  async exited(withinMs?: number): Promise<Exit> {
    return until(() => (this.#life.at === 'running' ? null : this.#life.exit), {
      describe: () => `the server (pid ${this.pid}) to end; stderr has:\n${this.#parts.stderr.all.join('\n')}`,
      ...bound(withinMs),
    });
  }

  /** Asks the server to end, and waits until it has and its output is complete. `withinMs` is 30,000: more than the 25 s of a drain. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', withinMs = 30_000): Promise<Exit> {
    this.#parts.family.live();
    this.signal(signal);
    const exit = await this.exited(withinMs);
    await until(() => this.hasClosed(), {
      describe: () => `the output of the server to end; it may be held by ${JSON.stringify(this.children())}`,
    });
    return exit;
  }

  /** Kills the server, and the server alone, with SIGKILL, and waits until it has ended; its workers are on their own then. */
  async kill(): Promise<Exit> {
    this.#parts.family.live();
    this.signal('SIGKILL');
    return this.exited();
  }

  /** Ends the server if it still runs, and rejects if after `goneWithinMs` a process that it started is alive; that one is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#life.at === 'running') {
      this.#parts.family.live();
      this.signal('SIGTERM');
      await this.exited(POLITE_MS).catch(() => this.kill());
    }
    await this.#parts.family.ended(this.#parts.goneWithinMs);
  }

  #listeningUrl(): string | undefined {
    for (const line of this.#parts.stdout.all) {
      const url = /listening on (https?:\/\/\S+?)\/?(?:\s|$)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    return undefined;
  }
}

function bound(withinMs: number | undefined): { withinMs?: number } {
  return withinMs === undefined ? {} : { withinMs };
}

function parseLog(line: string): LogLine | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}
