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
  readonly code: () => number | null;
}

function start(args: readonly string[]): Script {
  const child = spawn(process.execPath, [fileURLToPath(fixture('script.mjs')), POOL, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endsWithTest(child);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  return { output: () => output, code: () => child.exitCode };
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
