import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { FromWorker, RequestHead } from '../../src/channel/messages.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { HEAD } from './request-head.ts';
import { WorkerChild } from './child.ts';

const BOOT_MS = 30_000;
const LIMIT = { timeout: 60_000 };

/** A worker of the fixture `by-query.mjs`, whose tasks have the slot of their own number. */
class AheadChild extends WorkerChild {
  readonly #folder: string;

  constructor(folder: string) {
    super({ env: { TASKS_DIR: folder } });
    this.#folder = folder;
  }

  get received(): readonly FromWorker[] {
    return this.data?.received ?? [];
  }

  /** What it said of tasks, in order, bodies and heads left out. */
  get words(): string[] {
    return this.received.flatMap((message) =>
      message.type.startsWith('Task') && 'task' in message ? [`${message.type} ${message.task}`] : [],
    );
  }

  /** What was said of tasks that were to be taken back. */
  get revokeAnswers(): string[] {
    return this.answers.map((answer) => ('task' in answer ? `${answer.type} ${answer.task} ${answer.slot}` : answer.type));
  }

  start(task: number, query = '', { ahead = true, head = {} }: { ahead?: boolean; head?: Partial<RequestHead> } = {}): void {
    this.send({ type: 'StartTask', task, slot: task, ahead, head: { ...HEAD, url: `/?id=${task}&${query}`, ...head } });
  }

  async said(...words: string[]): Promise<void> {
    await until(() => words.every((word) => this.words.includes(word)), {
      describe: () => `the words ${words.join()}; it said ${this.words.join()}; stderr: ${this.stderr}`,
    });
  }

  async answered(count: number): Promise<string[]> {
    await until(() => this.answers.length >= count, { describe: `${count} answers of the watchdog` });
    return this.revokeAnswers;
  }

  go(name: string): Promise<void> {
    return writeFile(join(this.#folder, name), '');
  }

  /** The tasks that the handler was called for, in order. */
  get runs(): string[] {
    const lines = readFileSync(join(this.#folder, 'runs'), 'utf8').trim().split('\n');
    return lines.map((line) => line.replace(/ .*/, ''));
  }

  /** Waits until the handler of a task was called. */
  async runsTask(task: number): Promise<void> {
    await until(() => this.runs.includes(String(task)), { describe: `the handler to be called for ${task}` });
  }

  bodyOf(task: number): string {
    const pieces = this.received.flatMap((message) =>
      (message.type === 'Body' || message.type === 'Answered') && message.task === task ? [message.bytes] : [],
    );
    return Buffer.concat(pieces).toString();
  }
}

async function ready(t: TestContext, { concurrency = 1, fixture = 'by-query.mjs' } = {}): Promise<AheadChild> {
  const folder = await mkdtemp(join(tmpdir(), 'ahead-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'runs'), '');
  const child = new AheadChild(folder);
  child.boot(handler(fixture), { concurrency });
  await until(() => child.find('Ready'), { describe: () => `the worker to boot; stderr: ${child.stderr}`, withinMs: BOOT_MS });
  return child;
}

suite('tasks sent ahead', () => {
  test('run one after the other, in order, and each is announced before it runs', LIMIT, async (t) => {
    await using child = await ready(t);
    child.start(1, '', { ahead: false });
    for (const task of [2, 3, 4, 5]) child.start(task);
    await child.said('TaskFinished 5');
    assert.deepEqual(child.words, [
      'TaskFinished 1',
      ...[2, 3, 4, 5].flatMap((task) => [`TaskStarted ${task}`, `TaskFinished ${task}`]),
    ]);
    assert.deepEqual(child.runs, ['1', '2', '3', '4', '5']);
  });

  test('run as many at once as were agreed, and the next one begins when one of them ends', LIMIT, async (t) => {
    await using child = await ready(t, { concurrency: 3 });
    for (let task = 1; task <= 7; task += 1) child.start(task, `wait=go${task}`);
    await child.said('TaskStarted 3');
    child.send({ type: 'Ping' });
    await until(() => child.find('Pong'), { describe: 'the event loop to turn' });
    assert.deepEqual(child.words, ['TaskStarted 1', 'TaskStarted 2', 'TaskStarted 3']);
    for (const task of [2, 1, 3, 5, 4, 6, 7]) {
      await child.go(`go${task}`);
      await child.said(`TaskFinished ${task}`);
    }
    let running = 0;
    for (const word of child.words) {
      running += word.startsWith('TaskStarted') ? 1 : -1;
      assert.ok(running <= 3, child.words.join());
    }
    assert.deepEqual(child.runs, ['1', '2', '3', '4', '5', '6', '7']);
  });

  test('are finished by a worker that drains, before it ends', LIMIT, async (t) => {
    await using child = await ready(t);
    child.start(1, 'block=go', { ahead: false });
    for (const task of [2, 3]) child.start(task);
    child.send({ type: 'Drain', isReplaced: true });
    await child.runsTask(1);
    await child.go('go');
    assert.equal(await child.exited, 0);
    assert.deepEqual(child.words.filter((word) => word.startsWith('TaskFinished')).length, 3);
  });

  test('that were taken back do not keep a worker that drains', LIMIT, async (t) => {
    await using child = await ready(t);
    child.start(1, 'block=go', { ahead: false });
    child.start(2);
    child.send({ type: 'Drain', isReplaced: true });
    await child.runsTask(1);
    child.revoke(2, 2);
    assert.deepEqual(await child.answered(1), ['TaskRevoked 2 2']);
    await child.go('go');
    assert.equal(await child.exited, 0);
    assert.deepEqual(child.words, ['TaskFinished 1', 'TaskSkipped 2']);
  });
});

suite('tasks taken back', () => {
  test(
    'are, while the main thread never lets its event loop turn, and their handler is not called after it',
    LIMIT,
    async (t) => {
      await using child = await ready(t);
      child.start(1, 'block=go', { ahead: false });
      for (const task of [2, 3, 4]) child.start(task);
      await child.runsTask(1);
      for (const task of [2, 4]) child.revoke(task, task);
      assert.deepEqual(await child.answered(2), ['TaskRevoked 2 2', 'TaskRevoked 4 4']);
      assert.deepEqual(child.words, []);
      await child.go('go');
      await child.said('TaskSkipped 4');
      assert.deepEqual(child.words, ['TaskFinished 1', 'TaskSkipped 2', 'TaskStarted 3', 'TaskFinished 3', 'TaskSkipped 4']);
      assert.deepEqual(child.runs, ['1', '3']);
    },
  );

  test('may be sent again, to the same worker and in the same slot', LIMIT, async (t) => {
    await using child = await ready(t);
    for (const ahead of [true, false]) {
      const blocking = ahead ? 1 : 3;
      const task = blocking + 1;
      child.start(blocking, `block=go${blocking}`, { ahead: false });
      child.start(task);
      await child.runsTask(blocking);
      child.revoke(task, task);
      await child.answered(ahead ? 1 : 2);
      await child.go(`go${blocking}`);
      await child.said(`TaskSkipped ${task}`);
      child.start(task, '', { ahead });
      await child.said(`TaskFinished ${task}`);
    }
    assert.deepEqual(child.runs, ['1', '2', '3', '4']);
  });

  test('one that was sent to a worker without a task is not run after what an earlier one left behind', LIMIT, async (t) => {
    await using child = await ready(t);
    child.start(1, 'leave=go', { ahead: false });
    await until(() => child.runs.includes('left'), { describe: 'the worker to compute on after its answer' });
    child.start(2, '', { ahead: false });
    child.revoke(2, 2);
    assert.deepEqual(await child.answered(1), ['TaskRevoked 2 2']);
    await child.go('go');
    await child.said('TaskSkipped 2');
    assert.deepEqual(child.runs, ['1', 'left']);
  });

  test('are kept when they have begun, be it ahead or not, and when they are over', LIMIT, async (t) => {
    await using child = await ready(t);
    child.start(1, 'block=go1', { ahead: false });
    child.start(2, 'block=go2');
    await child.runsTask(1);
    child.revoke(1, 1);
    assert.deepEqual(await child.answered(1), ['TaskKept 1 1']);
    await child.go('go1');
    await child.runsTask(2);
    child.revoke(2, 2);
    assert.deepEqual((await child.answered(2)).slice(1), ['TaskKept 2 2']);
    await child.go('go2');
    await child.said('TaskFinished 1', 'TaskFinished 2');
    child.revoke(2, 2);
    assert.deepEqual((await child.answered(3)).slice(2), ['TaskKept 2 2']);
    assert.deepEqual(child.runs, ['1', '2']);
  });
});

suite('the announcement of a task', () => {
  for (const [what, query] of [
    ['never lets the event loop turn', 'block=never'],
    ['kills its process', 'die=1'],
  ] as const) {
    test(`is out before its handler, which ${what}`, LIMIT, async (t) => {
      await using child = await ready(t);
      child.start(1, '', { ahead: false });
      child.start(2, query);
      child.start(3);
      await child.said('TaskStarted 2');
      if (query === 'die=1') assert.equal(await child.exited, 'SIGKILL');
      else await child.runsTask(2);
      assert.deepEqual(child.words, ['TaskFinished 1', 'TaskStarted 2']);
      assert.equal(JSON.parse(child.bodyOf(1)).id, '1');
    });
  }

  for (const end of ['dies', 'drains'] as const) {
    test(`waits for a primary that does not read at the moment, and so does its handler: one that ${end}`, LIMIT, async (t) => {
      await using child = await ready(t, { fixture: 'large.mjs' });
      const socket = child.process.stdio[3] as Socket;
      socket.pause();
      // More than the system holds for a socket, and less than the windows allow.
      for (const task of [1, 2, 3, 4, 5, 6]) child.start(task, '', { ahead: task > 1, head: { url: '/chunk?kb=250' } });
      child.start(7, '', { head: { url: end === 'dies' ? '/exit' : '/chunk?kb=1' } });
      if (end === 'drains') child.send({ type: 'Drain', isReplaced: true });
      await until(() => socket.readableLength > 0, { describe: 'the first bytes' });
      socket.resume();
      await child.exited;
      await child.data?.closed();
      const words = [1, 2, 3, 4, 5, 6, 7].flatMap((task) => [`TaskStarted ${task}`, `TaskFinished ${task}`]).slice(1);
      assert.deepEqual(child.words, end === 'dies' ? words.slice(0, -1) : words);
    });
  }
});

test('a worker whose event loop turns answers a ping', LIMIT, async (t) => {
  await using child = await ready(t);
  child.start(1, 'block=go', { ahead: false });
  await child.runsTask(1);
  child.send({ type: 'Ping' });
  child.revoke(1, 1);
  await child.answered(1);
  assert.equal(child.find('Pong'), undefined);
  await child.go('go');
  await until(() => child.find('Pong'), { describe: 'the answer' });
});

suite('the asynchronous context of a task', () => {
  for (const concurrency of [1, 4]) {
    for (const ahead of [true, false]) {
      test(`is not that of the next one, ${ahead ? 'sent ahead' : 'one by one'}, ${concurrency} at once`, LIMIT, async (t) => {
        await using child = await ready(t, { concurrency, fixture: 'enters-context.mjs' });
        for (const task of [1, 2, 3, 4]) {
          child.start(task, '', { ahead: ahead && task > 1 });
          if (!ahead) await child.said(`TaskFinished ${task}`);
        }
        await child.said('TaskFinished 4');
        assert.deepEqual(
          [1, 2, 3, 4].map((task) => child.bodyOf(task)),
          ['none', 'none', 'none', 'none'],
        );
      });
    }
  }
});
