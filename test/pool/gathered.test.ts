import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import type { Isolation } from '../../src/pool/pool-options.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { poolFor } from './pools.ts';

/** Calls that are known to be brief, so that a worker has many of them at hand, and what it says of them goes out together. */
const KEY = { key: 'brief' };
const BEFORE = 12;
const AFTER = 12;

/** One pool, its worker warmed up, and the calls before, amid and after one that does something else. */
async function runAround(t: TestContext, isolation: Isolation, then: string, deadlineMs: number, max = 1) {
  const file = join(await temporaryFolder(t, { marks: '' }), 'marks');
  const pool = poolFor(t, { isolation, max, deadline: deadlineMs });
  for (let count = 0; count < 64; count += 1) await pool.run('add', [count, 1], KEY);
  const told: string[] = [];
  const call = async (text: string, what: string): Promise<string> => {
    const args = [file, text, what] as const;
    const outcome = await pool.run('marksThen', [...args], KEY).then(
      () => 'done',
      (error: unknown) => (error instanceof PreforkError ? error.code : String(error)),
    );
    told.push(text);
    return outcome;
  };
  const texts = Array.from({ length: BEFORE + 1 + AFTER }, (_, index) => String(index));
  const calls = texts.map((text, index) => call(text, index === BEFORE ? then : ''));
  await Promise.all(calls.slice(0, BEFORE));
  const isOver = told.includes(String(BEFORE));
  const outcomes = await Promise.all(calls);
  const marks = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return { outcomes, marks, isOver };
}

function check({ outcomes, marks }: Awaited<ReturnType<typeof runAround>>, code: string): void {
  assert.deepEqual(
    outcomes.slice(0, BEFORE),
    Array.from({ length: BEFORE }, () => 'done'),
    'those before it have their results',
  );
  assert.equal(outcomes[BEFORE], code);
  assert.deepEqual(
    outcomes.slice(BEFORE + 1),
    Array.from({ length: AFTER }, () => 'done'),
    'those after it ran elsewhere',
  );
  const texts = Array.from({ length: BEFORE + 1 + AFTER }, (_, index) => String(index));
  assert.deepEqual(
    marks.toSorted((a, b) => Number(a) - Number(b)),
    texts,
    'each ran once',
  );
}

suite('many brief calls in one worker', { timeout: 120_000 }, () => {
  for (const then of ['exit', 'kill'])
    test(`of which one ends the process (${then}): it alone is lost`, async (t) => {
      check(await runAround(t, 'reuse', then, 30_000), 'ERR_WORKER_DIED');
    });

  test('of which one ends its thread: it alone is lost', async (t) => {
    check(await runAround(t, 'thread', 'exit', 30_000), 'ERR_WORKER_DIED');
  });

  for (const isolation of ['reuse', 'thread'] as const)
    test(`of which one loops, isolation ${isolation}: those before it are answered meanwhile, and it alone is lost`, async (t) => {
      // What the worker did not get to is for the second one.
      const ran = await runAround(t, isolation, 'loop', 3000, 2);
      check(ran, 'ERR_DEADLINE');
      assert.equal(ran.isOver, false, 'they have their results while it loops');
    });

  test('run once each, and all have their results', async (t) => {
    check(await runAround(t, 'reuse', '', 30_000), 'done');
  });
});
