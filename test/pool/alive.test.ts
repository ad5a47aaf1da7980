import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import { endsWithTest } from '../support/ends-with-test.ts';
import { until } from '../support/until.ts';
import { fixture } from './pools.ts';
import { told } from './told.ts';

const POOL = new URL('../../src/pool/create-pool.js', import.meta.url).href;

interface Script {
  readonly output: () => string;
  readonly errors: () => string;
  readonly code: () => number | null;
}

function start(args: readonly string[]): Script {
  const child = spawn(process.execPath, [fileURLToPath(fixture('script.mjs')), POOL, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithTest(child);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString();
  });
  return { output: () => output, errors: () => errors, code: () => child.exitCode };
}

for (const isolation of ['reuse', 'fresh', 'thread', 'inline']) {
  suite(`a script with an open pool, ${isolation}`, { timeout: 60_000 }, () => {
    test('ends when no call is left', async () => {
      const script = start([isolation]);
      await until(() => script.code() === 0, {
        describe: () => `the script to end; it printed ${script.output()}`,
        withinMs: 50_000,
      });
      assert.equal(script.output(), 'sum 5\n');
    });

    test('waits for a call that runs', async (t) => {
      const { file } = await told(t);
      const script = start([isolation, 'waits', file('go')]);
      await until(() => script.output() === 'sum 5\n', { describe: 'the first call', withinMs: 50_000 });
      assert.equal(script.code(), null);
      writeFileSync(file('go'), 'news');
      await until(() => script.code() === 0, {
        describe: () => `the script to end; it printed ${script.output()}`,
        withinMs: 50_000,
      });
      assert.equal(script.output(), 'sum 5\nlate news\n');
    });

    test('shows what the functions print', async () => {
      const script = start([isolation, 'prints']);
      const shown = (): boolean => script.output() === 'sum 5\nsome text\n' && script.errors() === 'some text as an error\n';
      await until(() => script.code() === 0 && shown(), {
        describe: () => `the output; there is ${script.output()}`,
        withinMs: 50_000,
      });
    });

    test('waits for `ready`', async () => {
      const script = start([isolation, 'ready']);
      await until(() => script.code() === 0, {
        describe: () => `the script to end; it printed ${script.output()}`,
        withinMs: 50_000,
      });
      assert.equal(script.output(), 'sum 5\nready\n');
    });
  });
}
