import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { RawExit } from '../../src/supervisor/decisions/life.ts';
import { followChild } from '../../src/supervisor/output.ts';

interface Followed {
  readonly exit: RawExit;
  readonly lines: readonly string[];
}

/** Runs a shell script as a child, and resolves with what is reported of it. */
async function follow(script: string): Promise<Followed> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const closed = once(child, 'close');
  const exit = await new Promise<RawExit>((resolve) => {
    followChild(child, child.stdout, child.stderr, {
      onExit: resolve,
      onOutput: (stream, line) => lines.push(`${stream}: ${line}`),
    });
  });
  await closed;
  return { exit, lines };
}

const FULL_HEAP = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
const ABORT = 'kill -ABRT $$';

describe('the end of a child is reported', () => {
  const CASES: readonly [name: string, script: string, exit: RawExit][] = [
    ['with its code', 'exit 3', { code: 3, signal: null, outOfMemory: false }],
    ['with its signal', 'kill -KILL $$', { code: null, signal: 'SIGKILL', outOfMemory: false }],
    ['when it aborts', ABORT, { code: null, signal: 'SIGABRT', outOfMemory: false }],
    ['when its heap was full', `echo '${FULL_HEAP}' >&2; ${ABORT}`, { code: null, signal: 'SIGABRT', outOfMemory: true }],
    [
      'when it closed its stderr long before',
      `echo '${FULL_HEAP}' >&2; exec 2>&-; sleep 0.2; ${ABORT}`,
      { code: null, signal: 'SIGABRT', outOfMemory: true },
    ],
    [
      'when a child of its own holds the pipe',
      `sleep 5 & echo '${FULL_HEAP}' >&2; ${ABORT}`,
      { code: null, signal: 'SIGABRT', outOfMemory: true },
    ],
  ];
  for (const [name, script, expected] of CASES) {
    test(name, { timeout: 30_000 }, async () => {
      assert.deepEqual((await follow(script)).exit, expected);
    });
  }
});

test('what it printed comes line by line, the last words too', { timeout: 30_000 }, async () => {
  const { lines } = await follow('echo a; echo b >&2; printf c; exit 1');
  assert.deepEqual(lines.toSorted(), ['stderr: b', 'stdout: a', 'stdout: c']);
});
