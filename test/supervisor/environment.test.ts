import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workerEnvironment, workerExecArgv } from '../../src/supervisor/environment.ts';

const FLAGS: readonly [given: readonly string[], kept: readonly string[]][] = [
  [[], []],
  [
    ['--max-old-space-size=64', '--enable-source-maps'],
    ['--max-old-space-size=64', '--enable-source-maps'],
  ],
  [['--inspect'], []],
  [['--inspect=9229', '--inspect-brk', '--inspect-port=0'], []],
  [['--import', './loader.mjs', '--no-warnings'], ['--no-warnings']],
  [['--import=./loader.mjs'], []],
  [['--watch', '--test'], []],
  [['-r', './hook.cjs', '--no-warnings'], ['--no-warnings']],
  [['-e', 'serve()'], []],
  [['--test-name-pattern', 'one of them', '--no-warnings'], ['--no-warnings']],
  [['--cpu-prof', '--cpu-prof-interval', '250'], []],
  [
    ['-C', 'development', '--max-old-space-size', '64'],
    ['-C', 'development', '--max-old-space-size', '64'],
  ],
];

for (const [given, kept] of FLAGS) {
  test(`of the flags ${JSON.stringify(given)} a worker gets ${JSON.stringify(kept)}`, () => {
    assert.deepEqual(workerExecArgv(given), kept);
  });
}

test('a worker gets the environment, but for what belongs to the primary alone', () => {
  const given = {
    HOME: '/home/me',
    NODE_OPTIONS: '--max-old-space-size=64 --inspect=9229 --no-warnings',
    NODE_CHANNEL_FD: '3',
    NODE_CHANNEL_SERIALIZATION_MODE: 'json',
    NODE_UNIQUE_ID: '1',
    NODE_TEST_CONTEXT: 'child-v8',
  };
  assert.deepEqual(workerEnvironment(given), { HOME: '/home/me', NODE_OPTIONS: '--max-old-space-size=64 --no-warnings' });
  assert.deepEqual(workerEnvironment({ HOME: '/home/me' }), { HOME: '/home/me' });
});
