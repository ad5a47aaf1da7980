import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createPool, type Pool } from '../../src/index.ts';
import { root } from '../support/paths.ts';
import { type Io, ioPerTask } from './io.ts';

interface Work {
  next(number: number): number;
  stamp(bytes: Uint8Array): Uint8Array;
  pid(): number;
}

const TASKS = 192;
const AT_ONCE = 64;
const MEGABYTE = 2 ** 20;
const LARGE_TASKS = 4;

const skip = process.platform === 'linux' ? false : 'the counts come from /proc';

/** The bounds have room for what a busy machine does to a burst, and none for one more system call for each task. */
describe('what a call of a pool costs', { skip }, () => {
  let pool: Pool<Work>;
  let worker: number;

  before(async () => {
    pool = createPool<Work>(join(root, 'test/fixtures/counts/work.mjs'), { min: 1, max: 1, spares: 0 });
    worker = await pool.run('pid', []);
    await oneByOne();
    await together();
  });
  after(() => pool.close());

  async function oneByOne(): Promise<void> {
    for (let number = 0; number < TASKS; number += 1) assert.equal(await pool.run('next', [number]), number + 1);
  }

  async function together(): Promise<void> {
    for (let from = 0; from < TASKS; from += AT_ONCE) {
      const results = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => pool.run('next', [from + index])));
      assert.equal(results[AT_ONCE - 1], from + AT_ONCE);
    }
  }

  async function large(): Promise<void> {
    for (let count = 0; count < LARGE_TASKS; count += 1) {
      const { byteLength } = await pool.run('stamp', [new Uint8Array(MEGABYTE)]);
      assert.equal(byteLength, MEGABYTE);
    }
  }

  const measure = async (tasks: number, work: () => Promise<void>): Promise<{ primary: Io; child: Io }> => {
    const [primary, child] = await ioPerTask([process.pid, worker], tasks, work);
    assert.ok(primary !== undefined && child !== undefined);
    return { primary, child };
  };

  it('is one read and one write on each side, one at a time, of less than 96 bytes', async () => {
    const { primary, child } = await measure(TASKS, oneByOne);
    for (const { reads, writes, bytesRead, bytesWritten } of [primary, child]) {
      assert.ok(reads < 1.3, `${reads} reads a task, expected 1`);
      assert.ok(writes < 1.3, `${writes} writes a task, expected 1`);
      assert.ok(bytesRead < 96 && bytesWritten < 96, `${bytesRead} bytes read and ${bytesWritten} written a task`);
    }
  });

  it(`is a fraction of a write of the primary with ${AT_ONCE} in flight: they share their writes`, async () => {
    const { primary, child } = await measure(Math.ceil(TASKS / AT_ONCE) * AT_ONCE, together);
    assert.ok(primary.writes < 0.25, `${primary.writes} writes of the primary a task`);
    assert.ok(primary.reads < 0.5, `${primary.reads} reads of the primary a task`);
    assert.ok(child.reads < 0.25, `${child.reads} reads of the worker a task`);
    assert.ok(child.writes < 1.3, `${child.writes} writes of the worker a task`);
  });

  it('is every byte of 1 MB copied once on each side and each way', async () => {
    const { primary, child } = await measure(LARGE_TASKS, large);
    for (const { bytesRead, bytesWritten } of [primary, child]) {
      assert.ok(bytesRead >= MEGABYTE && bytesRead < 1.02 * MEGABYTE, `${bytesRead} bytes read a task`);
      assert.ok(bytesWritten >= MEGABYTE && bytesWritten < 1.02 * MEGABYTE, `${bytesWritten} bytes written a task`);
    }
  });
});
