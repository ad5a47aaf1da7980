import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../support/paths.ts';

test('the example of a pool counts, gives up and goes on', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'examples', 'pool', 'main.js')]);
  const [counted, gaveUp, seven, ...rest] = stdout.split('\n');
  assert.equal(counted, 'primes below 20,000: 2262');
  assert.equal(gaveUp, 'gave up: TimeoutError');
  assert.equal(seven, '7 is prime: true');
  assert.deepEqual(rest, ['']);
});
