import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { stateOf } from '../admin/ask-admin.ts';
import { get, raw, type AskOptions } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** What the fixture `by-query.mjs` answered. */
export interface Answer {
  readonly status: number;
  readonly id: string | undefined;
  /** Process and thread that ran it. */
  readonly worker: string | undefined;
  /** The process that ran it, as the server says. */
  readonly by: string | undefined;
  /** SHA-1 of the request's body; empty when there was none. */
  readonly body: string | undefined;
  /** Of an error: its code. */
  readonly code: string | undefined;
}

/** A server of the fixture `by-query.mjs`, with a record of what ran. */
export class Tasks implements AsyncDisposable {
  readonly server: TestServer;
  readonly #folder: string;

  constructor(server: TestServer, folder: string) {
    this.server = server;
    this.#folder = folder;
  }

  /** Sends a request, `id=1&wait=a` for example. Tasks of one path cost alike. */
  ask(query: string, options: AskOptions = {}): Promise<Answer> {
    return quiet(this.#ask(query, options));
  }

  /** The same for each of these ids at once. */
  askAll(ids: readonly (string | number)[], what = '', options: AskOptions = {}): Promise<Answer[]> {
    return quiet(Promise.all(ids.map((id) => this.ask(`id=${id}${what}`, options))));
  }

  async #ask(query: string, options: AskOptions): Promise<Answer> {
    const response = await get(`${this.server.url}/task?${query}`, options);
    const { id, worker, body, code } = Object(response.json());
    return { status: response.status, id, worker, by: Object(response.headers)['x-worker'], body, code };
  }

  /** Makes the path known to be brief. */
  async teachBrief(count = 40, options: AskOptions = {}): Promise<void> {
    for (let times = 0; times < count; times += 1) await this.ask('id=taught', options);
    await this.#idle();
  }

  /** An answer may be here before the worker has said that its task is over. */
  async #idle(): Promise<void> {
    await until(async () => (await stateOf(socketIn(this.#folder))).workers.every(({ running }) => running === 0), {
      describe: 'no task to be running',
    });
  }

  /** Creates the file that tasks wait for. */
  async go(name: string): Promise<void> {
    await writeFile(join(this.#folder, name), '');
  }

  /** What the handler noted of an id: the worker of each run. */
  runsOf(id: string | number): string[] {
    const lines = readFileSync(join(this.#folder, 'runs'), 'utf8').split('\n');
    return lines.filter((line) => line.startsWith(`${id} `)).map((line) => line.slice(line.indexOf(' ') + 1));
  }

  /** Waits until a task has begun, and resolves with its worker; for the notes of the fixture too (`left`, `aborted`). */
  async begun(id: string | number, runs = 1): Promise<string> {
    const seen = await until(() => this.runsOf(id).length >= runs && this.runsOf(id), {
      describe: () => `run ${runs} of task ${id}; stderr has:\n${this.server.stderr().join('\n')}`,
    });
    return seen[runs - 1] ?? '';
  }

  /** Resolves when the server has seen what was sent, and which connections were closed, before: it has answered later ones by itself. */
  async arrived(): Promise<void> {
    for (let times = 0; times < 2; times += 1) await raw(this.server.port, 'GET / HTTP/1.1\r\n\r\n');
  }

  /** How many tasks have outlived their quantum; on a crowded machine any of them may. */
  get outlivedSoFar(): number {
    return this.logged('task:demoted') + this.logged('task:overstays');
  }

  /** Waits until one more task than so many has outlived its quantum: what was sent after it has been asked back by then. */
  async outlived(soFar: number): Promise<void> {
    await until(() => this.outlivedSoFar > soFar, {
      describe: () => `task ${soFar + 1} to outlive its quantum; stderr has:\n${this.server.stderr().join('\n')}`,
    });
  }

  logged(event: string): number {
    return this.server.logs().filter((line) => line['event'] === event).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** A test that fails leaves answers behind that nobody waits for: they must not hide why it failed. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function socketIn(folder: string): string {
  return join(folder, 'admin');
}

export async function serveTasks(
  t: TestContext,
  args: readonly string[],
  { idempotent = false }: { readonly idempotent?: boolean | readonly string[] } = {},
): Promise<Tasks> {
  const folder = await mkdtemp(join(tmpdir(), 'tasks-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'runs'), '');
  const server = await startServer({
    entry: handler('by-query.mjs'),
    args: [...args, '--log-level', 'debug', '--socket', socketIn(folder)],
    env: { TASKS_DIR: folder, IDEMPOTENT: typeof idempotent === 'boolean' ? String(Number(idempotent)) : idempotent.join(',') },
  });
  return new Tasks(server, folder);
}

/** Waits for a promise no longer than what counts as hung. */
export async function within<T>(promise: Promise<T>, what: string, withinMs = 20_000): Promise<T> {
  return (await until(async () => ({ value: await promise }), { describe: what, withinMs })).value;
}

/** What was answered has the id that was asked for. */
export function assertAnswered(answers: readonly Answer[], ids: readonly (string | number)[]): void {
  assert.deepEqual(
    answers.map(({ status, id }) => [status, id]),
    ids.map((id) => [200, String(id)]),
  );
}

export function assertRanOnce(tasks: Tasks, ids: readonly (string | number)[]): void {
  for (const id of ids) assert.equal(tasks.runsOf(id).length, 1, `task ${id} ran so many times`);
}
