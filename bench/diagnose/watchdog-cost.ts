import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_FOLDER } from '../paths.ts';
import { median } from '../report/statistics.ts';

/** Medians over the rounds, in each of which both are measured, one after the other. */
export interface WatchdogCost {
  readonly rounds: number;
  readonly withIt: Figures;
  readonly without: Figures;
}

interface Figures {
  /** From the spawn of the process to its first words, ms. */
  readonly bootMs: number;
  readonly rssBytes: number;
  /** Of a bare node:http server with 32 connections. */
  readonly requestsPerSecond: number;
}

const SERVER = join(ROOT_FOLDER, 'bench', 'diagnose', 'bare-server.mjs');
const CONNECTIONS = 32;
const WARM_UP_MS = 500;
const MEASURE_MS = 3000;
/** The watchdog boots beside the rest: then it is there. */
const SETTLE_MS = 1000;

/** What a watchdog costs the process that it is in: the same bare server with and without one. */
export async function measureWatchdog(rounds: number): Promise<WatchdogCost> {
  const figures: Record<'with' | 'without', Figures[]> = { with: [], without: [] };
  for (let round = 0; round < rounds; round += 1) {
    // In turns, so that neither is always the first.
    const order = round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const);
    for (const how of order) figures[how].push(await measureOne(how));
  }
  return { rounds, withIt: medians(figures.with), without: medians(figures.without) };
}

async function measureOne(how: 'with' | 'without'): Promise<Figures> {
  const since = performance.now();
  const child = spawn(process.execPath, [SERVER, how], { stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe', 'pipe'] });
  try {
    const port = await portOf(child);
    const bootMs = performance.now() - since;
    await pause(SETTLE_MS);
    const rssBytes = rssOf(child.pid ?? 0);
    await load(port, WARM_UP_MS);
    return { bootMs, rssBytes, requestsPerSecond: await load(port, MEASURE_MS) };
  } finally {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the server has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^listening (\d+) /.exec(line) ?? [];
    if (port !== undefined) return Number(port);
  }
  throw new Error('the server ended before it listened');
}

/** @returns requests per second, each connection with one after the other */
async function load(port: number, ms: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const untilMs = performance.now() + ms;
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      await ask(port, agent);
      count += 1;
    }
  };
  const since = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const seconds = (performance.now() - since) / 1000;
  agent.destroy();
  return count / seconds;
}

function ask(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`status ${response.statusCode}`));
      });
    }).once('error', reject);
  });
}

function rssOf(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kb) * 1024;
}

function medians(figures: readonly Figures[]): Figures {
  const of = (key: keyof Figures): number => median(figures.map((each) => each[key]));
  return { bootMs: of('bootMs'), rssBytes: of('rssBytes'), requestsPerSecond: of('requestsPerSecond') };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
