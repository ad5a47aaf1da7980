import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf } from '../children/rehearsed.ts';
import { allRuntimes } from './runtimes.ts';

for (const { name, path } of await allRuntimes())
  test(`${name}: an idle worker has rehearsed, and has not where the module observes node:http`, async () => {
    const env = { NODE_V8_COVERAGE: '' };
    const tried = await Promise.all([firstOf(env, 'pool', path), firstOf({ ...env, TOUCH: 'observer' }, 'pool', path)]);
    assert.deepEqual(tried, [
      { begun: 4, handled: 1, counted: 0 },
      { begun: 1, handled: 1, counted: 0 },
    ]);
  });
