import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { assertAnswered, assertRanOnce, serveTasks, within } from './tasks.ts';

const LIMIT = { timeout: 120_000 };
const ids = Array.from({ length: 60 }, (_, index) => index + 1);
const ENOUGH_ROOM = ['--queue', '1000', '--queue-timeout', '1m', '--spares', '0'];

for (const mode of ['pool', 'thread']) {
  test(`mode ${mode}: a server that is told to end finishes what was sent ahead and what was taken back`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, ['--mode', mode, '--max', '1', ...ENOUGH_ROOM]);
    await tasks.teachBrief();
    const soFar = tasks.outlivedSoFar;
    const looping = tasks.ask('id=loop&block=go');
    const brief = tasks.askAll(ids);
    await tasks.begun('loop');
    await tasks.arrived();
    await tasks.outlived(soFar);
    tasks.server.signal('SIGTERM');
    await tasks.server.waitForLog((line) => line['event'] === 'server:draining');
    await tasks.go('go');
    assertAnswered([await within(looping, 'the answer after the loop')], ['loop']);
    assertAnswered(await within(brief, 'the answers to all brief ones'), ids);
    assertRanOnce(tasks, ['loop', ...ids]);
    assert.deepEqual(await tasks.server.exited(), { code: 0, signal: null });
  });

  for (const [what, flags] of [
    ['sent ahead', []],
    ['that share workers', ['--concurrency', '8']],
  ] as const) {
    test(`mode ${mode}: workers that are replaced after max-requests lose no tasks ${what}`, LIMIT, async (t) => {
      await using tasks = await serveTasks(t, ['--mode', mode, '--max', '2', '--max-requests', '45', ...ENOUGH_ROOM, ...flags]);
      await tasks.teachBrief();
      for (let round = 0; round < 4; round += 1) {
        const these = ids.map((id) => `${round}-${id}`);
        assertAnswered(await within(tasks.askAll(these), 'all answers'), these);
        assertRanOnce(tasks, these);
      }
      assert.ok(tasks.logged('worker:draining') >= 3);
      assert.equal(tasks.logged('task:failed'), 0);
    });
  }

  test(`mode ${mode}: bodies of tasks that share a worker do not mix, be they long or short`, LIMIT, async (t) => {
    await using tasks = await serveTasks(t, ['--mode', mode, '--max', '1', '--concurrency', '60', ...ENOUGH_ROOM]);
    const bodies = ids.map((id) => Buffer.alloc(id % 3 === 0 ? id * 20_000 : id, `${id};`));
    const asked = ids.map((id, index) => tasks.ask(`id=${id}&wait=go`, { method: 'POST', body: bodies[index] ?? '' }));
    for (const id of ids) await tasks.begun(id);
    await tasks.go('go');
    const answers = await within(Promise.all(asked), 'all answers');
    assertAnswered(answers, ids);
    assert.deepEqual(
      answers.map(({ body }) => body),
      bodies.map((bytes) => createHash('sha1').update(bytes).digest('hex')),
    );
    assertRanOnce(tasks, ids);
  });
}
