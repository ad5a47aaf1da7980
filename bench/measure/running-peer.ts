import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { openSync, closeSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../load/ask.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import { readDelay, type EventLoopDelay } from './read-delay.ts';
import { endFamily, familyOf, killAll, type ProcessFigures } from './processes.ts';

const START_LIMIT_MS = 30_000;
const TOKEN_NAME = 'PREFORK_BENCH_RUN';

/** What is alive now, so that an interrupted run leaves nothing behind. */
const running = new Set<RunningPeer>();

/** Ends all peers at once, without waiting: for a run that is interrupted. */
export function endAllNow(): void {
  for (const peer of running) peer.endNow();
}

/** A peer that answers, with all its processes and a folder for what it writes. */
export class RunningPeer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #token: string;
  readonly #folder: string;

  private constructor(child: ChildProcess, port: number, token: string, folder: string) {
    this.#child = child;
    this.port = port;
    this.#token = token;
    this.#folder = folder;
  }

  /**
   * Starts a peer and waits until a request is answered.
   * @throws Error with the end of what it said, when it ends or does not answer within 30 s
   */
  static async start(peer: Peer): Promise<RunningPeer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'prefork-bench-'));
    const token = `${TOKEN_NAME}=${randomUUID()}`;
    const { file, args, folder: cwd } = peer.command(port);
    const output = openSync(join(folder, 'output'), 'a');
    const child = spawn(file, args, { cwd, stdio: ['ignore', output, output], env: environment(port, token, folder) });
    closeSync(output);
    const started = new RunningPeer(child, port, token, folder);
    running.add(started);
    try {
      await started.#untilItAnswers();
    } catch (error) {
      const said = started.#lastWords();
      await started.end();
      throw new Error(`${peer.name} ${(error as Error).message}${said === '' ? '' : `: ${said}`}`, { cause: error });
    }
    return started;
  }

  /** All its processes. */
  get family(): readonly ProcessFigures[] {
    return familyOf(this.#child.pid ?? 0, this.#token);
  }

  /** How late the event loop of its primary ran since the last call; only for what was started with the probe. */
  readDelay(): Promise<EventLoopDelay | undefined> {
    return readDelay(this.#child, join(this.#folder, 'delay.json'));
  }

  async end(): Promise<void> {
    await endFamily(this.#child.pid ?? 0, this.#token);
    this.#forget();
  }

  endNow(): void {
    killAll(this.family);
    this.#forget();
  }

  #forget(): void {
    running.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #untilItAnswers(): Promise<void> {
    const untilMs = nowMs() + START_LIMIT_MS;
    let failure: string | undefined;
    this.#child.once('error', (error) => {
      failure = `does not start (${error.message})`;
    });
    this.#child.once('exit', (code, signal) => {
      failure ??= `ended at its start with ${signal ?? `exit code ${code}`}`;
    });
    while (nowMs() < untilMs) {
      const outcome = await ask({ port: this.port, number: 7, agent: false, limitMs: 5000, sinceMs: nowMs() });
      if (failure !== undefined) throw new Error(failure);
      if (outcome.kind === 'answered') return;
      await wait(50);
    }
    throw new Error(`did not answer within ${START_LIMIT_MS / 1000} s`);
  }

  #lastWords(): string {
    const lines = readFileSync(join(this.#folder, 'output'), 'utf8').trim().split('\n');
    return lines.slice(-3).join(' | ').slice(-500);
  }
}

/** What a peer writes goes into its own folder, and nothing of ours changes how it runs. */
function environment(port: number, token: string, folder: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...inherited } = process.env;
  const [name = '', value = ''] = token.split('=');
  return {
    ...inherited,
    NODE_ENV: 'production',
    PORT: String(port),
    TMPDIR: folder,
    PM2_HOME: join(folder, 'pm2'),
    BENCH_DELAY_FILE: join(folder, 'delay.json'),
    [name]: value,
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
