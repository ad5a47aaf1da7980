import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { get, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { ROOT_FOLDER } from '../paths.ts';
import { percentile } from '../report/statistics.ts';

export interface TraceLatency {
  readonly tries: number;
  /** From the question to the first stack, in the watchdog and on the way, ms. */
  readonly toStack: { readonly p50: number; readonly p99: number };
  /** From the request of the API to the end of its answer, which has three looks 100 ms apart, ms. */
  readonly toAnswer: { readonly p50: number; readonly p99: number };
}

const ENTRY = join(ROOT_FOLDER, 'bench', 'diagnose', 'loops.mjs');

/** Asks a worker in an endless loop for its stack, again and again. */
export async function measureTrace(tries: number): Promise<TraceLatency> {
  const socket = join(tmpdir(), `prefork-bench-${process.pid}.sock`);
  const flags = ['--port', '0', '--max', '2', '--deadline', '1h', '--slow', '0', '--socket', socket, '--log-level', 'silent'];
  const child = spawn(process.execPath, [join(ROOT_FOLDER, 'bin', 'prefork.js'), 'serve', ENTRY, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await listening(child.stdout);
    get(`${url}/loop`).on('error', () => {});
    const worker = await workerAtLoop(socket);
    const toStack: number[] = [];
    const toAnswer: number[] = [];
    for (let index = 0; index < tries; index += 1) {
      const since = performance.now();
      const report = (await ask(socket, 'POST', `/api/workers/${worker}/trace`)) as {
        tookMs: number;
        frames: { function: string }[];
      };
      toAnswer.push(performance.now() - since);
      toStack.push(report.tookMs);
      if (report.frames[0]?.function !== 'spin') throw new Error(`the stack is wrong: ${JSON.stringify(report.frames[0])}`);
    }
    return { tries, toStack: summary(toStack), toAnswer: summary(toAnswer) };
  } finally {
    const ended = new Promise((resolve) => {
      child.once('close', resolve);
    });
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    await ended;
    rmSync(socket, { force: true });
  }
}

function summary(values: readonly number[]): { p50: number; p99: number } {
  return { p50: percentile(values, 50), p99: percentile(values, 99) };
}

async function listening(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('prefork ended before it listened');
}

async function workerAtLoop(socket: string): Promise<number> {
  for (;;) {
    const { workers } = (await ask(socket, 'GET', '/api/state')) as {
      workers: { pid: number; health: string; task: { url: string } | null }[];
    };
    const worker = workers.find(({ task, health }) => task?.url === '/loop' && health === 'busy');
    if (worker !== undefined) return worker.pid;
  }
}

function ask(socketPath: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath, method, path, agent: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        text(response).then((body) => resolve(JSON.parse(body)), reject);
      },
    );
    asking.once('error', reject);
    asking.end(method === 'POST' ? '{}' : undefined);
  });
}
