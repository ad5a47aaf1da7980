import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { lookAtOthers } from '../../bench/measure/others.ts';
import { endsWithTest } from '../support/ends-with-test.ts';
import { until } from '../support/until.ts';

test('whoever else computes is seen, and named; who waits is not', { timeout: 60_000 }, async (t) => {
  const [computes, waits] = ['for (;;);', 'setInterval(() => {}, 1000)'].map((code) => {
    const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
    endsWithTest(child);
    t.after(() => child.kill('SIGKILL'));
    return `node ${child.pid}`;
  });
  // Both boot first; and on a machine that is full of others it may not be among the three at once.
  let last = '';
  const { share } = await until(
    async () => {
      const look = await lookAtOthers();
      last = look.names.join();
      const isQuiet = !look.names.includes(`${waits}`) && !look.names.includes(`node ${process.pid}`);
      return isQuiet && look.names.includes(`${computes}`) && look;
    },
    { describe: () => `${computes} to be named, and neither ${waits} nor ${process.pid}; named are ${last}`, withinMs: 50_000 },
  );
  assert.ok(share > 0.1, `a share of ${share}`);
});
