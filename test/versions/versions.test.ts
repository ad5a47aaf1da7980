import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { allRuntimes, type Runtime } from './runtimes.ts';

const MODES = ['blocking', 'fork', 'pool', 'thread', 'cluster'] as const;
type Mode = (typeof MODES)[number];

const MB = 1024 ** 2;
const features = handler('features.ts');

/** One worker at a time where that will do: what is tried here is the Node version, and each worker is a boot. */
const FLAGS: Record<Mode, readonly string[]> = {
  blocking: [],
  fork: ['--min', '0', '--max', '2', '--spares', '1'],
  pool: ['--max', '1', '--spares', '0'],
  thread: ['--max', '1', '--spares', '0'],
  cluster: ['--max', '1'],
};

async function withServer(
  runtime: Runtime,
  mode: Mode,
  entry: string,
  args: readonly string[],
  use: (server: TestServer) => Promise<void>,
) {
  await using server = await startServer({
    entry,
    args: ['--mode', mode, ...FLAGS[mode], ...args],
    node: runtime.path,
    // Each version has a format of its own for coverage.
    env: { NODE_V8_COVERAGE: undefined },
  });
  await use(server);
}

/** The line of the TypeScript source that throws, counted from 1. */
const throwingLine =
  readFileSync(features, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('throw new RangeError')) + 1;

async function tryTypeScript(server: TestServer): Promise<void> {
  const answer = await get(`${server.url}/typed`);
  assert.deepEqual(answer.json(), { language: 'ts', path: '/typed', bytes: 0 });
  const body = Buffer.alloc(2 * MB, 7);
  const upload = await get(`${server.url}/up`, { method: 'POST', body });
  assert.deepEqual(upload.json(), { language: 'ts', path: '/up', bytes: 2 * MB });

  const thrown = await get(`${server.url}/throws`);
  assert.equal(thrown.status, 500);
  const { stack } = thrown.json() as { stack: string };
  const frame = stack.split('\n').find((line) => line.includes('features.ts'));
  assert.ok(frame?.includes(`${features}:${throwingLine}:`), `expected line ${throwingLine} of ${features} in:\n${stack}`);

  // A handler that a crowded machine does not let come to it in half a second is ended before it can say so: then once more.
  for (let tries = 1; !(await tellsThatItsClientIsGone(server, tries)); tries += 1) assert.ok(tries < 10, 'it never says so');

  const late = await get(`${server.url}/never`);
  assert.equal(late.status, 504);
  assert.equal((late.json() as { code: string }).code, 'ERR_DEADLINE');
  // Whatever the deadline did to the worker, the next request is answered.
  assert.equal((await get(`${server.url}/after`)).status, 200);
}

async function tellsThatItsClientIsGone(server: TestServer, tries: number): Promise<boolean> {
  const client = new AbortController();
  const abandoned = get(`${server.url}/wait`, { signal: client.signal });
  abandoned.catch(() => undefined);
  await printed(server, 'waiting', tries);
  client.abort();
  const isEnded = (): boolean => server.stderr().filter((line) => line.includes('"reason":"cancelled"')).length >= tries;
  const told = (): boolean => server.stderr().some((line) => line.includes('client is gone'));
  await until(() => told() || isEnded(), {
    describe: () => `the handler to hear of it; stderr has:\n${server.stderr().join('\n')}`,
  });
  return told();
}

/** Waits for a line of the handler, be it in a log line of the primary or as it is, in mode blocking. */
async function printed(server: TestServer, text: string, times = 1): Promise<void> {
  await until(() => server.stderr().filter((line) => line.includes(text)).length >= times, {
    describe: () => `"${text}" on stderr, which has:\n${server.stderr().join('\n')}`,
  });
}

async function tryExpress(server: TestServer): Promise<void> {
  const answer = await get(`${server.url}/`);
  assert.equal((answer.json() as { framework: string }).framework, 'express');
  assert.equal(answer.headers['x-powered-by'], 'Express');
  const echo = await get(`${server.url}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":[1]}',
  });
  assert.deepEqual(echo.json(), { a: [1] });
}

async function tryFetch(server: TestServer): Promise<void> {
  const answer = await get(`${server.url}/path?a=b`, { method: 'POST', headers: { 'x-a': 'b' }, body: 'hello' });
  const { method, url, headers, body } = answer.json() as {
    method: string;
    url: string;
    headers: Record<string, string>;
    body: string;
  };
  assert.deepEqual(
    { method, url, header: headers['x-a'], body },
    { method: 'POST', url: `${server.url}/path?a=b`, header: 'b', body: 'hello' },
  );
  const chunks = await get(`${server.url}/stream-echo`, { method: 'PUT', body: Buffer.alloc(MB, 3) });
  assert.ok(chunks.body.equals(Buffer.alloc(MB, 3)));
}

async function tryCommonJs(server: TestServer): Promise<void> {
  const answer = await get(`${server.url}/here`);
  const { style, path } = answer.json() as { style: string; path: string };
  assert.deepEqual({ style, path }, { style: 'cjs', path: '/here' });
}

const runtimes = await allRuntimes();

/** All modes on the Node at hand, and what differs between them on the newest; between them one of processes and one of threads, in turns. */
function modesOf(index: number): readonly Mode[] {
  if (index === 0) return MODES;
  if (index === runtimes.length - 1) return ['pool', 'thread', 'cluster'];
  return index % 2 === 1 ? ['pool'] : ['thread'];
}

for (const [index, runtime] of runtimes.entries()) {
  for (const mode of modesOf(index)) {
    test(`${runtime.name}, mode ${mode}: TypeScript, Express, fetch and CommonJS handlers answer, and leave nothing`, async () => {
      await Promise.all([
        // The deadline is long enough for the requests before it, on a machine that is busy with other tests.
        withServer(runtime, mode, features, ['--dev', '--deadline', '4s'], tryTypeScript),
        withServer(runtime, mode, handler('express-app.mjs'), [], tryExpress),
        withServer(runtime, mode, handler('echo.mjs'), [], tryFetch),
        withServer(runtime, mode, handler('cjs-handler.cjs'), [], tryCommonJs),
      ]);
    });
  }
}
