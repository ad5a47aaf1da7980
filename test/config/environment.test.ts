import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from '../../src/config/environment.ts';
import { expectBadOption } from './expect-bad-option.ts';

const CASES: readonly [string, Record<string, string>, Record<string, unknown>][] = [
  ['a duration', { PREFORK_QUEUE_TIMEOUT: '3s' }, { queueTimeout: 3_000 }],
  ['booleans', { PREFORK_DEV: '1', PREFORK_SERVER_TIMING: 'false' }, { dev: true, serverTiming: false }],
  ['the names that platforms set', { PORT: '8080', WEB_CONCURRENCY: '6' }, { port: 8080, max: 6 }],
  ['its own names before those', { PORT: '1', PREFORK_PORT: '2', WEB_CONCURRENCY: '3', PREFORK_MAX: '4' }, { port: 2, max: 4 }],
  ['the other name where its own is empty', { PORT: '8080', PREFORK_PORT: '' }, { port: 8080 }],
  ['nothing from empty variables', { PORT: '', PREFORK_DEADLINE: '' }, {}],
  ['nothing from strangers', { PREFORK_UNKNOWN: 'x', DEADLINE: '1s', prefork_port: '1' }, {}],
  ['no port from a Kubernetes service link', { PREFORK_PORT: 'tcp://10.0.0.1:80', PORT: '8080' }, { port: 8080 }],
];

for (const [name, env, layer] of CASES) {
  test(`reads ${name}`, () => assert.deepEqual(readEnvironment(env, {}).layer, layer));
}

test('errors name the variable that was set', async () => {
  await expectBadOption(
    () => readEnvironment({ WEB_CONCURRENCY: 'auto' }, {}),
    'WEB_CONCURRENCY: found "auto", expected a whole number from 1 to 2147483647',
  );
  await expectBadOption(
    () => readEnvironment({ PREFORK_DEADLINE: '30' }, {}),
    'PREFORK_DEADLINE: found "30", expected a duration such as 500ms, 30s or 5m',
  );
});

test('what a flag overrules is not even read', () => {
  assert.deepEqual(readEnvironment({ PORT: String.raw`\\.\pipe\iis`, PREFORK_MIN: '2' }, { port: 80 }).layer, { min: 2 });
});

test('inherited properties are no variables', () => {
  const env = Object.create({ PORT: '1' }) as Record<string, string>;
  assert.deepEqual(readEnvironment(env, {}).layer, {});
});
