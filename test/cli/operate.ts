import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { State } from '../../src/admin/api.ts';
import { stateOf } from '../admin/ask-admin.ts';
import { startServer, type StartOptions } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** A real server, and the real command run against it. */
export interface Operated extends AsyncDisposable {
  readonly server: TestServer;
  readonly socket: string;
  /** Runs a command of prefork against this server. */
  run(...args: string[]): Promise<CommandResult>;
  /** Without a command, which would be a process each time. */
  state(): Promise<State>;
}

export async function operated(t: TestContext, { args = [], ...options }: StartOptions): Promise<Operated> {
  const socket = join(tmpdir(), `prefork-test-${randomUUID().slice(0, 8)}.sock`);
  t.after(() => rmSync(socket, { force: true }));
  const server = await startServer({ ...options, args: ['--socket', socket, ...args] });
  const run = (...words: string[]): Promise<CommandResult> => runCommand([...words, '--socket', socket]);
  return { server, socket, run, state: () => stateOf(socket), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Waits until a worker runs this path, and resolves with its pid. */
export async function workerAt(it: Operated, path: string): Promise<number> {
  const worker = await until(async () => (await it.state()).workers.find(({ task }) => task?.url === path), {
    describe: `a worker to run ${path}`,
    withinMs: 30_000,
  });
  return worker.pid;
}
