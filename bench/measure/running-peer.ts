import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../load/ask.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import { Family } from './family.ts';
import { readDelay, type EventLoopDelay } from './read-delay.ts';
import type { ProcessFigures } from './processes.ts';
import { readWorkers, type WorkerSeen } from './read-workers.ts';

const START_LIMIT_MS = 30_000;

/** What can be started and asked: a server of the catalogue, or of a scenario. */
export type Startable = Pick<Peer, 'name' | 'command'>;

/** Whether a server on this port does what it is for. */
export type Trial = (port: number) => Promise<boolean>;

export interface StartOptions {
  /** That of a server of numbers if it is left out. */
  readonly trial?: Trial;
  /**
   * Whether it leads a session, as a service does. Where Linux deals the CPUs out to sessions (autogroup, sched(7)) it else shares what one of them gets with the
   * generator, and with one that goes before all others it has next to nothing of that.
   */
  readonly ownSession?: boolean;
}

/** A peer that answers, with all its processes and a folder for what it writes. */
export class RunningPeer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #family: Family;
  readonly #folder: string;

  private constructor(child: ChildProcess, port: number, family: Family, folder: string) {
    this.#child = child;
    this.port = port;
    this.#family = family;
    this.#folder = folder;
  }

  /**
   * Starts a peer and waits until a request is answered, as the trial says.
   * @throws Error with the end of what it said, when it ends or does not answer within 30 s
   */
  static async start(peer: Startable, { trial = answersNumber, ownSession = false }: StartOptions = {}): Promise<RunningPeer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'prefork-bench-'));
    const family = new Family(() => rmSync(folder, { recursive: true, force: true }));
    const { file, args, folder: cwd } = peer.command(port);
    const output = openSync(join(folder, 'output'), 'a');
    const env = family.environment(placesOf(port, folder));
    const child = spawn(file, args, { cwd, stdio: ['ignore', output, output], env, detached: ownSession });
    family.begin(child.pid);
    closeSync(output);
    const started = new RunningPeer(child, port, family, folder);
    try {
      await started.#untilItAnswers(trial);
    } catch (error) {
      const said = started.#lastWords();
      await started.end();
      throw new Error(`${peer.name} ${(error as Error).message}${said === '' ? '' : `: ${said}`}`, { cause: error });
    }
    return started;
  }

  /** The process that was started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** All its processes. */
  get family(): readonly ProcessFigures[] {
    return this.#family.members;
  }

  /** How late the event loop of its primary ran since the last call; only for what was started with the probe. */
  readDelay(): Promise<EventLoopDelay | undefined> {
    return readDelay(this.#child, join(this.#folder, 'delay.json'));
  }

  /** Its workers and what they run; only for a prefork. */
  workers(): Promise<readonly WorkerSeen[]> {
    return readWorkers(join(this.#folder, `prefork-${process.getuid?.() ?? 0}`, `${this.pid}.sock`));
  }

  async end(): Promise<void> {
    await this.#family.end();
  }

  async #untilItAnswers(trial: Trial): Promise<void> {
    const untilMs = nowMs() + START_LIMIT_MS;
    let failure: string | undefined;
    this.#child.once('error', (error) => {
      failure = `does not start (${error.message})`;
    });
    this.#child.once('exit', (code, signal) => {
      failure ??= `ended at its start with ${signal ?? `exit code ${code}`}`;
    });
    while (nowMs() < untilMs) {
      const isAnswered = await trial(this.port);
      if (failure !== undefined) throw new Error(failure);
      if (isAnswered) return;
      await wait(50);
    }
    throw new Error(`did not answer within ${START_LIMIT_MS / 1000} s`);
  }

  #lastWords(): string {
    const lines = readFileSync(join(this.#folder, 'output'), 'utf8').trim().split('\n');
    return lines.slice(-3).join(' | ').slice(-500);
  }
}

async function answersNumber(port: number): Promise<boolean> {
  const outcome = await ask({ port, number: 7, agent: false, limitMs: 5000, sinceMs: nowMs() });
  return outcome.kind === 'answered';
}

/** Where a peer listens; and what it writes goes into its own folder. */
function placesOf(port: number, folder: string): NodeJS.ProcessEnv {
  return {
    PORT: String(port),
    TMPDIR: folder,
    XDG_RUNTIME_DIR: folder,
    PM2_HOME: join(folder, 'pm2'),
    BENCH_DELAY_FILE: join(folder, 'delay.json'),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
