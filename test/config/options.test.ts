import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { withDefaults } from '../../src/config/defaults.ts';
import { environmentNamesOf, flagOf, OPTION_NAMES, OPTIONS } from '../../src/config/options.ts';

/** Defaults that depend on other options or on the machine: their text is prose. */
const IN_PROSE = new Set(['cert', 'key', 'min', 'max', 'memory', 'slow', 'queue', 'adminPort', 'socket', 'incidents', 'config']);

test('no two options share a flag or an environment variable', () => {
  const flags = OPTION_NAMES.map((name) => flagOf(name).replace('--no-', '--'));
  const variables = OPTION_NAMES.flatMap(environmentNamesOf);
  assert.equal(new Set(flags).size, OPTION_NAMES.length);
  assert.equal(new Set(variables).size, variables.length);
});

test('flags and environment variables are derived from the name', () => {
  assert.equal(flagOf('queueTimeout'), '--queue-timeout');
  assert.equal(flagOf('serverTiming'), '--no-server-timing');
  assert.equal(flagOf('dev'), '--dev');
  assert.deepEqual(environmentNamesOf('queueTimeout'), ['PREFORK_QUEUE_TIMEOUT']);
  assert.deepEqual(environmentNamesOf('port'), ['PREFORK_PORT', 'PORT']);
  assert.deepEqual(environmentNamesOf('max'), ['PREFORK_MAX', 'WEB_CONCURRENCY']);
});

test('the default that help shows is the default in force', () => {
  const defaults: Record<string, unknown> = withDefaults({}, { cpus: 2, memoryBytes: 2 ** 33 });
  for (const name of OPTION_NAMES.filter((candidate) => !IN_PROSE.has(candidate))) {
    const shown = OPTIONS[name].default.replace(', off', '');
    assert.equal(v.parse(OPTIONS[name].schema, shown), defaults[name], name);
  }
});

test('each option is explained in one sentence', () => {
  for (const name of OPTION_NAMES) assert.match(OPTIONS[name].doc, /^[A-Z][^\n]{40,240}\.$/, name);
});
