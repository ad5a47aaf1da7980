import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPool } from '../../src/pool/create-pool.ts';
import { idempotenceOf } from '../../src/pool/call-policy.ts';
import { type PoolOptions, readPoolOptions } from '../../src/pool/pool-options.ts';
import { fixture, poolFor } from './pools.ts';

const MACHINE = { cpus: 4, memoryBytes: 8 * 1024 ** 3 };

suite('the options of a pool', () => {
  test('have defaults that follow from the machine', () => {
    const { isolation, min, max, spares, queueLimit, deadlineMs, memoryBytes } = readPoolOptions({}, MACHINE);
    assert.deepEqual(
      [isolation, min, max, spares, queueLimit, deadlineMs, memoryBytes],
      ['reuse', 1, 4, 1, 100_000, 30_000, 4 * 1024 ** 3],
    );
    assert.equal(readPoolOptions({}, { ...MACHINE, cpus: 0.5 }).max, 2);
  });

  test('take text with units, and Infinity for never', () => {
    const { deadlineMs, queueTimeoutMs, maxMemoryBytes } = readPoolOptions({
      deadline: '2m',
      queueTimeout: Infinity,
      maxMemory: '64MB',
    });
    assert.deepEqual([deadlineMs, queueTimeoutMs, maxMemoryBytes], [120_000, 2 ** 31 - 1, 64 * 1024 ** 2]);
  });

  test('take as much memory as there is, and no more', () => {
    assert.equal(readPoolOptions({ memory: '8GB' }, MACHINE).memoryBytes, MACHINE.memoryBytes);
    assert.throws(() => readPoolOptions({ memory: '8193MB' }, MACHINE), {
      code: 'ERR_BAD_OPTION',
      message:
        'memory: found 8193MB, expected at most 8GB, all that this machine or its container has; left out, it is half of that',
    });
    assert.equal(readPoolOptions({}, { cpus: 1, memoryBytes: 60 * 2 ** 20 }).memoryBytes, 30 * 2 ** 20);
  });

  const REFUSED: readonly [unknown, RegExp][] = [
    [{ maxx: 1 }, /^options: found the unknown option "maxx", expected max$/],
    [{ max: 0 }, /^max: found 0, expected a whole number from 1 /],
    [{ min: 3, max: 2 }, /^min: found 3, expected at most 2, the value of max$/],
    [{ isolation: 'process' }, /^isolation: found "process", expected one of reuse, fresh, thread, inline$/],
    [{ deadline: 'soon' }, /^deadline: found "soon", expected a duration/],
    [{ deadline: 0 }, /^deadline: found 0, expected a duration of at least 1ms$/],
    [{ idempotent: 'yes' }, /^idempotent: found "yes", expected true or false$/],
    [{ retries: -1 }, /^retries: found -1, expected a whole number from 0 to 1000$/],
    [{ memory: '1B' }, /^memory: found "1B", expected a size of at least 64MB, room for one worker$/],
    [{ memory: -1 }, /^memory: found -1, expected a size of at least 64MB, room for one worker$/],
    [{ memory: '50%' }, /^memory: found "50%", expected a size such as 64KB, 512MB or 1GB$/],
    [
      { memory: 2 ** 50 },
      /^memory: found 1048576GB, expected at most \d+[MG]B, all that this machine or its container has; left out/,
    ],
    [{ concurrency: 0 }, /^concurrency: found 0, expected a whole number from 1 to 512$/],
    [{ env: { A: 1 } }, /^env: found .*, expected an object of texts$/],
    [{ execArgv: '--x' }, /^execArgv: found "--x", expected a list of texts$/],
    [{ errors: [Map] }, /^errors: found .*, expected classes that extend Error$/],
    [null, /^options: found null, expected an object$/],
    [{ workerData: () => {} }, /^workerData: found the function workerData, expected a value that can be copied/],
    [{ workerData: 'x'.repeat(600_000) }, /^workerData: found 600003 bytes, expected at most 524288: have setup\(\) read/],
  ];
  for (const [options, message] of REFUSED) {
    test(`are refused with one line: ${message.source}`, () => {
      assert.throws(
        () => createPool(fixture('functions.mjs'), options as PoolOptions),
        (error) => error instanceof Error && error.name === 'PreforkError' && message.test(error.message),
      );
    });
  }

  test('have no methods, nor has what the module says of itself, also when it comes past the checks of the worker', () => {
    assert.deepEqual([{}, { idempotent: true }, { idempotent: false }].map(idempotenceOf), [undefined, true, false]);
    assert.throws(() => idempotenceOf({ idempotent: ['GET'] }), {
      code: 'ERR_BAD_OPTION',
      message: "the module's config.idempotent: found an array, expected true or false: calls have no methods",
    });
    assert.throws(() => readPoolOptions({ idempotent: ['GET'] }), {
      message: /^idempotent: found an array, expected true or false$/,
    });
  });

  test('of one call are refused in the same way', { timeout: 60_000 }, async (t) => {
    const pool = poolFor(t, { isolation: 'inline' });
    const wrong: readonly [object, RegExp][] = [
      [{ signal: {} }, /^signal: found .*, expected an AbortSignal$/],
      [{ priority: 11 }, /^priority: found 11, expected a whole number from -10 to 10$/],
      [{ timeout: 5 }, /^options: found the unknown option "timeout", expected one of signal, deadline/],
      [{ transfer: [new Uint8Array(1)] }, /^transfer: found .*, expected a list of ArrayBuffers and MessagePorts$/],
      [{ onReport: 1 }, /^onReport: found 1, expected a function$/],
    ];
    for (const [options, message] of wrong)
      await assert.rejects(pool.run('add', [1, 1], options), { code: 'ERR_BAD_OPTION', message });
    await assert.rejects(pool.run('add', 1 as never), {
      code: 'ERR_BAD_OPTION',
      message: /^args: found number, expected a list/,
    });
  });
});
