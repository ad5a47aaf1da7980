import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { type Pretended, pretendServer } from './pretended-server.ts';
import { startCommand } from './run-command.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Interrupted {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly it: Pretended;
}

/** Runs a command until its request has come (and its answer begun, when there is one), and sends it a signal. */
async function interrupt(
  t: TestContext,
  {
    words,
    signal,
    answer,
    ready,
  }: { words: string[]; signal: NodeJS.Signals; answer: Answer; ready?: (folder: string) => boolean },
): Promise<Interrupted> {
  let asked = false;
  const it = await pretendServer(t, (request, response) => {
    answer(request, response);
    asked = true;
  });
  const child = startCommand([...words.map((word) => word.replace('FOLDER', it.folder)), '--socket', it.socket]);
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise<Pick<Interrupted, 'code' | 'signal'>>((resolve) => {
    child.once('close', (code, by) => resolve({ code, signal: by }));
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  await until(() => asked && (ready?.(it.folder) ?? true), { describe: 'the request of the command', withinMs: 30_000 });
  child.kill(signal);
  const how = await ended;
  const [stdout, stderr] = await output;
  await it.left;
  return { ...how, stdout, stderr, it };
}

const silent: Answer = () => {};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends a command that waits for an answer at once`, { timeout: 60_000 }, async (t) => {
    for (const words of [['ps'], ['reload'], ['trace', '1']]) {
      const ended = await interrupt(t, { words, signal, answer: silent });
      assert.deepEqual([words, ended.signal, ended.stdout, ended.stderr], [words, signal, '', '']);
    }
  });

  test(`${signal} ends a profile and a snapshot without a file`, { timeout: 60_000 }, async (t) => {
    const profile = await interrupt(t, { words: ['profile', '1', '-o', 'FOLDER/file'], signal, answer: silent });
    assert.deepEqual([profile.signal, profile.stdout, profile.stderr], [signal, '', 'recording for 5 s\n']);
    assert.deepEqual(readdirSync(profile.it.folder), []);
    const heap = await interrupt(t, {
      words: ['heap', '1', '-o', 'FOLDER/file'],
      signal,
      answer: (_, response) => void response.write('{"snapshot":'),
      ready: (folder) => readdirSync(folder).length > 0,
    });
    assert.deepEqual([heap.signal, heap.stdout, heap.stderr], [signal, '', '']);
    assert.deepEqual(readdirSync(heap.it.folder), []);
  });
}

test('Ctrl-C is the normal end of inspect', { timeout: 60_000 }, async (t) => {
  const inspection = { pid: 1, webSocketUrl: 'ws://127.0.0.1:1/x', devtoolsUrl: 'devtools://x' };
  const it = await pretendServer(t, (_, response) => {
    // In two pieces, as a socket may deliver it.
    const line = `${JSON.stringify(inspection)}\n`;
    response.write(line.slice(0, 5));
    setImmediate(() => response.write(line.slice(5)));
  });
  const child = startCommand(['inspect', '1', '--socket', it.socket]);
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const stdout = text(child.stdout);
  await until(() => stderr.includes('Ctrl-C'), { describe: 'inspect to be open', withinMs: 30_000 });
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(await stdout, 'in Chrome: devtools://x\nelsewhere: ws://127.0.0.1:1/x\n');
  await it.left;
});

test('inspect says when the inspector ended before it was told to, in order or not', { timeout: 60_000 }, async (t) => {
  for (const end of ['end', 'destroy'] as const) {
    const it = await pretendServer(t, (_, response) => {
      response.write('{}\n', () => response[end]());
    });
    const child = startCommand(['inspect', '1', '--socket', it.socket]);
    const ended = new Promise((resolve) => {
      child.once('close', resolve);
    });
    const [, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.equal(await ended, 8);
    assert.match(stderr, /prefork: the worker or its server ended, and its inspector with it \(ERR_OBSERVE\)\n$/);
  }
});

test('a snapshot that breaks off is an error of one line, and no file', { timeout: 60_000 }, async (t) => {
  const it = await pretendServer(t, (_, response) => {
    response.write('{"snapshot":', () => response.destroy());
  });
  const child = startCommand(['heap', '1', '-o', join(it.folder, 'file'), '--socket', it.socket]);
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.deepEqual([await ended, stdout], [8, '']);
  assert.match(stderr, /^prefork: \S+file was not written: the answer broke off: .+ \(ERR_ADMIN\)\n$/);
  assert.deepEqual(readdirSync(it.folder), []);
});

test('a reader that goes away ends a command without a word', { timeout: 60_000 }, async (t) => {
  let answerNow = (): void => {};
  const it = await pretendServer(t, (_, response) => {
    answerNow = () => response.end(JSON.stringify({ server: {}, workers: [], padding: 'x'.repeat(1_000_000) }));
  });
  const child = startCommand(['ps', '--json', '--socket', it.socket]);
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const stderr = text(child.stderr);
  child.stdout.destroy();
  const answering = answerNow;
  await until(() => answerNow !== answering, { describe: 'the request of the command', withinMs: 30_000 });
  answerNow();
  assert.deepEqual([await ended, await stderr], [0, '']);
});
