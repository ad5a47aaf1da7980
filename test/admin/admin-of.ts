import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type StartOptions, startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';

export interface AdminOf extends AsyncDisposable {
  readonly server: TestServer;
  /** Path of its socket. */
  readonly socket: string;
}

/** Starts a server whose admin API has a socket of its own. */
export async function startWithAdmin(t: TestContext, options: StartOptions): Promise<AdminOf> {
  const folder = await mkdtemp(join(tmpdir(), 'prefork-admin-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 's');
  const server = await startServer({ ...options, args: ['--socket', socket, ...(options.args ?? [])] });
  return { server, socket, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
