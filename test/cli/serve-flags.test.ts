import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addServeFlags, readServeFlags } from '../../src/cli/serve-flags.ts';

function read(...args: string[]): ReturnType<typeof readServeFlags> {
  const command = new Command('serve');
  addServeFlags(command);
  return readServeFlags(command.parse(args, { from: 'user' }));
}

test('without flags nothing is set, so that weaker sources can speak', () => {
  assert.deepEqual(read(), {});
});

test('values come in base units', () => {
  assert.deepEqual(read('--port', '8080', '--deadline=1.5s', '--max-memory', '64MB', '--mode', 'fork', '--host', '::1'), {
    port: 8080,
    deadline: 1_500,
    maxMemory: 67_108_864,
    mode: 'fork',
    host: '::1',
  });
});

test('a boolean can be set both ways', () => {
  assert.deepEqual(read('--dev', '--no-server-timing', '--no-worker-header'), {
    dev: true,
    serverTiming: false,
    workerHeader: false,
  });
  assert.deepEqual(read('--no-dev', '--server-timing', '--worker-header'), {
    dev: false,
    serverTiming: true,
    workerHeader: true,
  });
});

test('the last of two equal flags wins', () => {
  assert.deepEqual(read('--min', '1', '--min', '2'), { min: 2 });
});
