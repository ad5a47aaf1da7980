import { get } from '../support/http.ts';
import type { ProcessInfo } from '../support/processes.ts';
import type { LogLine, TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** Sends a request whose answer does not matter, or never comes. */
export function send(server: TestServer, path: string): void {
  get(`${server.url}${path}`).catch(() => undefined);
}

/** The pid that answers. */
export async function pidOf(server: TestServer, path = '/ok'): Promise<number> {
  return Number((await get(`${server.url}${path}`)).text());
}

/** Waits until workers have printed a line so many times, and resolves with their pids, one a line. */
export async function printed(server: TestServer, line: string, count = 1): Promise<number[]> {
  const lines = (): LogLine[] => server.logs().filter((entry) => entry['event'] === 'worker:output' && entry['msg'] === line);
  await until(() => lines().length >= count, {
    describe: () => `${count} lines "${line}" of workers; stderr has:\n${server.stderr().join('\n')}`,
  });
  return lines().map((entry) => Number(entry['workerPid']));
}

/** The workers that are alive: direct children of the primary that run Node. */
export function workersOf(server: TestServer): ProcessInfo[] {
  return server.children().filter((info) => info.ppid === server.pid && !info.cmd.includes('prefork-sentinel'));
}

/** The log lines of a kind of event about a worker. */
export function linesAbout(server: TestServer, event: string, pid: number): LogLine[] {
  return server.logs().filter((line) => line['event'] === event && line['workerPid'] === pid);
}

/** Waits until so many workers have booted that are still there; needs `--log-level debug`. Resolves with their pids. */
export async function ready(server: TestServer, count: number): Promise<number[]> {
  const pids = (): number[] =>
    workersOf(server)
      .map((info) => info.pid)
      .filter((pid) => linesAbout(server, 'worker:ready', pid).length > 0);
  return until(() => (pids().length >= count ? pids() : null), {
    describe: () => `${count} workers to be ready; ready are ${pids().join()}`,
    withinMs: 30_000,
  });
}
