import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../cli/run-command.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { assertAnswered, assertRanOnce, serveTasks, within, type Answer, type Tasks } from './tasks.ts';

const LIMIT = { timeout: 60_000 };
const DEADLINE_MS = 3000;
/** Between a deadline and the end of a task that does not stop when asked. */
const GRACE_MS = 500;

function shared(mode: string, ...more: string[]): string[] {
  return ['--mode', mode, '--concurrency', '10', '--min', '1', '--max', '3', '--spares', '0', ...more];
}

/** Starts tasks that wait for a file on the worker of the server, and resolves when all of them wait. */
async function waiting(tasks: Tasks, ids: readonly (string | number)[], what: string) {
  const answers = tasks.askAll(ids, `&${what}`);
  const places: string[] = [];
  for (const id of ids) places.push(await tasks.begun(id));
  return { answers, workers: new Set(places) };
}

/**
 * Starts tasks that wait for the file `go`, until three of them share the worker of another one. Where a crowded machine has made that
 * worker look blocked, some go elsewhere: nothing may happen to those.
 */
async function neighboursOf(tasks: Tasks, worker: string | undefined) {
  const ids: string[] = [];
  const elsewhere: string[] = [];
  const answers = new Map<string, Promise<Answer>>();
  for (let count = 1; ids.length < 3; count += 1) {
    assert.ok(count <= 20, `tasks do not get to worker ${worker}`);
    const id = `neighbour${count}`;
    answers.set(id, tasks.ask(`id=${id}&wait=go`));
    if ((await tasks.begun(id)) === worker) ids.push(id);
    else elsewhere.push(id);
  }
  const answersTo = (these: readonly string[]): Promise<Answer[]> =>
    within(
      Promise.all([...answers].flatMap(([id, answer]) => (these.includes(id) ? [answer] : []))),
      `answers to ${these.join()}`,
    );
  return {
    ids,
    answers: () => answersTo(ids),
    assertOthersAnswered: async () => assertAnswered(await answersTo(elsewhere), elsewhere),
  };
}

async function passed(sinceMs: number, ms: number): Promise<void> {
  await until(() => performance.now() - sinceMs > ms, { describe: `${ms} ms to be over` });
}

for (const mode of ['pool', 'thread']) {
  test(`mode ${mode}: tasks that wait share one worker, as many as were allowed, and no more`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, shared(mode, '--max', '1'));
    const ids = Array.from({ length: 10 }, (_, index) => index);
    // All of them have begun before one is answered.
    const first = await waiting(tasks, ids, 'wait=go');
    assert.equal(first.workers.size, 1);
    const next = tasks.ask('id=next');
    await tasks.arrived();
    await passed(performance.now(), 100);
    assert.deepEqual(tasks.runsOf('next'), []);
    await tasks.go('go');
    assertAnswered(await within(first.answers, 'the ten answers'), ids);
    assertAnswered([await within(next, 'the answer to the eleventh')], ['next']);
    assert.equal(tasks.logged('worker:killing'), 0);
  });

  test(`mode ${mode}: one that blocks its worker keeps nobody who comes with it or later`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, shared(mode));
    // Until some were sent to the worker before it was known to be blocked.
    for (let round = 1; tasks.logged('task:revoked') === 0; round += 1) {
      assert.ok(round <= 20, 'no task was ever sent to a worker that was blocked');
      const name = (id: string | number): string => `${round}-${id}`;
      const neighbours = await waiting(tasks, ['a', 'b', 'c'].map(name), `wait=go${round}`);
      const loop = tasks.askAll([name('loop')], `&block=go${round}`);
      const ids = [1, 2, 3, 4, 5, 6].map(name);
      assertAnswered(await within(tasks.askAll(ids), 'answers to those who came with it'), ids);
      const looping = await tasks.begun(name('loop'));
      const late = await within(tasks.askAll(['late'].map(name)), 'an answer to one who came later');
      assertAnswered(late, ['late'].map(name));
      assert.notEqual(late[0]?.worker, looping);
      await tasks.go(`go${round}`);
      assertAnswered(await within(neighbours.answers, 'the neighbours'), ['a', 'b', 'c'].map(name));
      assertAnswered(await within(loop, 'the loop'), [name('loop')]);
      assertRanOnce(tasks, [...['a', 'b', 'c', 'loop', 'late'].map(name), ...ids]);
    }
  });

  test(`mode ${mode}: a worker that was blocked serves again`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, shared(mode));
    const loop = await waiting(tasks, ['loop'], 'block=go');
    await tasks.outlived(0);
    await tasks.go('go');
    assertAnswered(await within(loop.answers, 'the loop'), ['loop']);
    // More than one worker takes: it is needed too.
    const ids = Array.from({ length: 15 }, (_, index) => index);
    const { answers, workers } = await waiting(tasks, ids, 'wait=all');
    assert.ok([...workers].some((worker) => loop.workers.has(worker)));
    await tasks.go('all');
    assertAnswered(await within(answers, 'all answers'), ids);
  });

  for (const idempotent of [false, true]) {
    const outcome = idempotent ? 'are run again' : 'are lost with it';
    test(
      `mode ${mode}: at its deadline a loop is ended, its neighbours ${outcome}, and nobody else is touched`,
      LIMIT,
      async (t) => {
        await using tasks = await serveTasks(t, shared(mode, '--deadline', `${DEADLINE_MS}ms`), { idempotent });
        const startedMs = performance.now();
        const loop = tasks.askAll(['loop'], '&wait=then&block=never');
        const worker = await tasks.begun('loop');
        // Their deadline comes later than the end of the loop.
        await passed(startedMs, 2.5 * GRACE_MS);
        const neighbours = await neighboursOf(tasks, worker);
        await tasks.go('then');
        const later = await within(tasks.askAll([1, 2, 3]), 'answers beside the loop');
        assertAnswered(later, [1, 2, 3]);
        const others = await waiting(tasks, ['d', 'e'], 'wait=go');
        const [ended] = await within(loop, 'the end of the loop');
        assert.deepEqual([ended?.status, ended?.code], [504, 'ERR_DEADLINE']);
        assert.ok(performance.now() - startedMs >= DEADLINE_MS);
        if (idempotent) for (const id of neighbours.ids) await tasks.begun(id, 2);
        else await tasks.server.waitForLog((line) => line['event'] === 'task:failed' && line['code'] === 'ERR_WORKER_DIED');
        await tasks.go('go');
        const answers = await neighbours.answers();
        assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([idempotent ? 200 : 502]));
        await neighbours.assertOthersAnswered();
        for (const id of neighbours.ids) assert.equal(tasks.runsOf(id).length, idempotent ? 2 : 1);
        assertAnswered(await within(others.answers, 'the others'), ['d', 'e']);
        assertRanOnce(tasks, ['loop', 1, 2, 3, 'd', 'e']);
      },
    );
  }

  test(`mode ${mode}: the deadline of a task that stops when asked is its own affair`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, shared(mode, '--deadline', `${DEADLINE_MS}ms`));
    const startedMs = performance.now();
    const late = tasks.askAll(['late'], '&wait=never');
    const worker = await tasks.begun('late');
    await passed(startedMs, 2.5 * GRACE_MS);
    const neighbours = await neighboursOf(tasks, worker);
    const [ended] = await within(late, 'the deadline');
    assert.deepEqual([ended?.status, ended?.code], [504, 'ERR_DEADLINE']);
    await tasks.begun('aborted');
    // As long as its grace would have been.
    await passed(performance.now(), GRACE_MS + 100);
    await tasks.go('go');
    const answers = await neighbours.answers();
    assertAnswered(answers, neighbours.ids);
    assert.deepEqual(new Set(answers.map((answer) => answer.worker)), new Set([worker]));
    await neighbours.assertOthersAnswered();
    assert.equal(tasks.logged('worker:killing'), 0);
  });

  for (const [what, query] of [
    ['stops', 'wait=never'],
    ['goes on', 'wait=never&stubborn'],
  ] as const) {
    test(`mode ${mode}: a client that goes away touches no neighbour of its task, which ${what}`, LIMIT, async (t) => {
      await using tasks = await serveTasks(t, shared(mode));
      const leaving = new AbortController();
      const left = tasks.ask(`id=left&${query}`, { signal: leaving.signal });
      const neighbours = await neighboursOf(tasks, await tasks.begun('left'));
      leaving.abort();
      await assert.rejects(left);
      await tasks.begun('aborted');
      // Longer than its grace, and than what comes after it.
      await passed(performance.now(), 4 * GRACE_MS);
      await tasks.go('go');
      assertAnswered(await neighbours.answers(), neighbours.ids);
      await neighbours.assertOthersAnswered();
      assert.equal(tasks.logged('worker:killing'), 0);
    });
  }
}

for (const mode of ['blocking', 'fork', 'cluster']) {
  test(`mode ${mode} takes no --concurrency beyond 1`, async () => {
    const args = ['serve', handler('echo.mjs'), '--port', '0', '--mode', mode, '--concurrency'];
    assert.deepEqual(await runCommand([...args, '2']), {
      code: 2,
      stdout: '',
      stderr: `prefork: --concurrency: found 2 in mode ${mode}, expected mode pool or thread, or 1 (ERR_BAD_OPTION)\n`,
    });
  });
}
