import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { raw } from '../support/http.ts';
import { assertAnswered, assertRanOnce, serveTasks, within, type Answer, type Tasks } from './tasks.ts';
import { workersOf } from './watch.ts';

const LIMIT = { timeout: 120_000 };
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

function workers(mode: string, count: number, ...more: string[]): string[] {
  const exactly = String(count);
  return [
    '--mode',
    mode,
    '--min',
    exactly,
    '--max',
    exactly,
    '--spares',
    '1',
    '--queue',
    '1000',
    '--queue-timeout',
    '1m',
    ...more,
  ];
}

const ROUNDS = 25;

/**
 * Repeats a scenario in which a task blocks its worker until brief ones were sent behind it and taken back, as they are mostly at once. On a crowded
 * machine even a brief run takes long now and then, and its path does not count as brief in that round.
 */
async function untilTakenBack(
  tasks: Tasks,
  scenario: (round: number) => Promise<void>,
  taught: Parameters<Tasks['teachBrief']>[1] = {},
): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await tasks.teachBrief(40, taught);
    const soFar = tasks.logged('task:revoked');
    await scenario(round);
    if (tasks.logged('task:revoked') > soFar) return;
  }
  assert.fail(`nothing was taken back in ${ROUNDS} rounds; stderr has:\n${tasks.server.stderr().slice(-40).join('\n')}`);
}

for (const mode of ['pool', 'thread']) {
  test(
    `mode ${mode}: brief tasks sent behind one that never ends are answered by the other worker, each once`,
    LIMIT,
    async (t) => {
      await using tasks = await serveTasks(t, workers(mode, 2));
      await untilTakenBack(tasks, async (round) => {
        const ids = range(1, 60).map((id) => `${round}-${id}`);
        const looping = tasks.ask(`id=loop${round}&block=go${round}`);
        const brief = tasks.askAll(ids);
        assertAnswered(await within(brief, 'the answers to all brief ones'), ids);
        await tasks.begun(`loop${round}`);
        await tasks.go(`go${round}`);
        assertAnswered([await within(looping, 'the answer after the loop')], [`loop${round}`]);
        assertRanOnce(tasks, [`loop${round}`, ...ids]);
      });
    },
  );

  test(`mode ${mode}: with one worker they wait for the end of the loop, and are answered then, each once`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, workers(mode, 1));
    await untilTakenBack(tasks, async (round) => {
      const ids = range(1, 60).map((id) => `${round}-${id}`);
      const soFar = tasks.outlivedSoFar;
      const looping = tasks.ask(`id=loop${round}&block=go${round}`);
      const brief = tasks.askAll(ids);
      await tasks.begun(`loop${round}`);
      await tasks.outlived(soFar);
      await tasks.go(`go${round}`);
      assertAnswered([await within(looping, 'the answer after the loop')], [`loop${round}`]);
      assertAnswered(await within(brief, 'the answers to all brief ones'), ids);
      assertRanOnce(tasks, [`loop${round}`, ...ids]);
    });
  });

  test(`mode ${mode}: one that takes its worker with it is the only one that is lost`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, workers(mode, 2));
    await tasks.teachBrief();
    const before = range(1, 10);
    const after = range(11, 40);
    const asked = [
      before.map((id) => tasks.ask(`id=${id}`)),
      [tasks.ask('id=dies&die=1')],
      after.map((id) => tasks.ask(`id=${id}`)),
    ];
    const answers = await within(Promise.all(asked.flat()), 'all answers');
    const [lost] = answers.splice(before.length, 1);
    assert.deepEqual([lost?.status, lost?.code], [502, 'ERR_WORKER_DIED']);
    assertAnswered(answers, [...before, ...after]);
    assertRanOnce(tasks, ['dies', ...before, ...after]);
  });

  test(
    `mode ${mode}: clients that go away while their tasks wait behind a loop touch nobody, and theirs never run`,
    LIMIT,
    async (t) => {
      await using tasks = await serveTasks(t, workers(mode, 1));
      await untilTakenBack(tasks, async (round) => {
        const soFar = tasks.outlivedSoFar;
        const looping = tasks.ask(`id=loop${round}&block=go${round}`);
        const leaving = new AbortController();
        const leave = range(1, 10).map((id) => `${round}-${id}`);
        const stay = range(11, 30).map((id) => `${round}-${id}`);
        await tasks.begun(`loop${round}`);
        const left = Promise.allSettled(leave.map((id) => tasks.ask(`id=${id}`, { signal: leaving.signal })));
        const staying = tasks.askAll(stay);
        await tasks.arrived();
        await tasks.outlived(soFar);
        leaving.abort();
        assert.ok((await left).every(({ status }) => status === 'rejected'));
        await tasks.arrived();
        await tasks.go(`go${round}`);
        assertAnswered([await within(looping, 'the answer after the loop')], [`loop${round}`]);
        assertAnswered(await within(staying, 'the answers to those who stayed'), stay);
        assertRanOnce(tasks, [`loop${round}`, ...stay]);
        for (const id of leave) assert.equal(tasks.runsOf(id).length, 0, `task ${id} ran`);
      });
    },
  );

  test(`mode ${mode}: clients that go away in the midst of many brief tasks touch nobody`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, workers(mode, 2));
    await tasks.teachBrief();
    for (let round = 0; round < 10; round += 1) {
      const ids = range(round * 50 + 1, round * 50 + 50);
      const answers = ids.map(async (id) => {
        const options = id % 4 === 0 ? { signal: AbortSignal.timeout(id % 7) } : {};
        const answer: Answer | undefined = await tasks.ask(`id=${id}`, options).catch(() => undefined);
        const isFine = answer === undefined ? id % 4 === 0 : answer.status === 200 && answer.id === String(id);
        return isFine ? 'fine' : `${id}: ${JSON.stringify(answer)}`;
      });
      assert.deepEqual(new Set(await within(Promise.all(answers), 'all answers')), new Set(['fine']));
      for (const id of ids) assert.ok(tasks.runsOf(id).length <= 1, `task ${id}`);
    }
    assert.equal(tasks.logged('worker:gone'), 0);
  });

  test(`mode ${mode}: bodies of tasks sent ahead arrive whole, also of those that were taken back`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, workers(mode, 2));
    const taught = { method: 'POST', body: 'x' };
    const sizes = range(1, 24);
    // From one byte to more than the windows hold.
    const bodies = sizes.map((size) => Buffer.alloc(size % 4 === 0 ? size * 40_000 : size, `${size};`));
    const digests = bodies.map((bytes) => createHash('sha1').update(bytes).digest('hex'));
    const scenario = async (round: number): Promise<void> => {
      const looping = tasks.ask(`id=loop${round}&block=go${round}`, taught);
      await tasks.begun(`loop${round}`);
      const ids = sizes.map((size) => `${round}-${size}`);
      const asked = ids.map((id, index) => tasks.ask(`id=${id}`, { method: 'POST', body: bodies[index] ?? '' }));
      const answers = await within(Promise.all(asked), 'the answers to all bodies');
      await tasks.go(`go${round}`);
      assertAnswered([...answers, await within(looping, 'the answer after the loop')], [...ids, `loop${round}`]);
      assert.deepEqual(
        answers.map(({ body }) => body),
        digests,
      );
      assertRanOnce(tasks, [`loop${round}`, ...ids]);
    };
    await untilTakenBack(tasks, scenario, taught);
  });

  test(`mode ${mode}: pipelined requests are answered in their order, and connections are used again`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, workers(mode, 2));
    await tasks.teachBrief();
    const ids = range(1, 30);
    const requests = ids.map((id) => {
      const what = id === 10 ? '&block=go' : '';
      return `GET /task?id=${id}${what} HTTP/1.1\r\nHost: a\r\n${id === 30 ? 'Connection: close\r\n' : ''}\r\n`;
    });
    const received = raw(tasks.server.port, requests.join(''));
    await tasks.begun(10);
    await tasks.go('go');
    const text = String(await within(received, 'the answers on one connection'));
    assert.deepEqual(
      [...text.matchAll(/"id":"(\d+)"/g)].map(([, id]) => Number(id)),
      ids,
    );
    assert.equal([...text.matchAll(/HTTP\/1\.1 200 OK\r\n/g)].length, 30);

    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    t.after(() => agent.destroy());
    const more = range(31, 150);
    const answers = await within(tasks.askAll(more, '', { agent }), 'the answers on three connections');
    assertAnswered(answers, more);
    assertRanOnce(tasks, [...ids, ...more]);
  });
}

test(
  'mode pool: a worker that is killed with what was sent ahead loses the task that it was given first, and no other',
  LIMIT,
  async (t) => {
    await using tasks = await serveTasks(t, workers('pool', 1));
    await tasks.teachBrief();
    const [worker] = workersOf(tasks.server);
    assert.ok(worker !== undefined);
    // Stopped, its watchdog too: what it was sent ahead can't be taken back.
    process.kill(worker.pid, 'SIGSTOP');
    const { outlivedSoFar } = tasks;
    const revokedSoFar = tasks.logged('task:revoked');
    const ids = range(1, 30);
    const answers = tasks.askAll(ids);
    await tasks.arrived();
    await tasks.outlived(outlivedSoFar);
    assert.equal(tasks.logged('task:revoked'), revokedSoFar);
    process.kill(worker.pid, 'SIGKILL');
    const all = await within(answers, 'all answers');
    const lost = all.filter(({ status }) => status !== 200);
    assert.deepEqual(
      lost.map(({ status, code }) => [status, code]),
      [[502, 'ERR_WORKER_DIED']],
    );
    for (const [index, { status, id, worker: by }] of all.entries()) {
      const runs = tasks.runsOf(index + 1);
      if (status === 200) assert.deepEqual([id, runs], [String(index + 1), [by]]);
      else assert.deepEqual(runs, []);
      assert.notEqual(by, `${worker.pid}/0`);
    }
  },
);
