/**
 * The suite's frame: a topic serves one handler on each target and asks the same of all of them. What a target sees must
 * equal what is expected, or what a row of `differences.ts` declares for it. A row fails when it is no difference any more:
 * the target then sees what is expected, which is not what the row says.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../support/test-server.ts';
import { DIFFERENCES, type Difference, type TopicName } from './differences.ts';
import { startTarget, type Target } from './targets.ts';

export interface Check {
  /** Asks the server, and tells what came of it as plain data. */
  readonly see: (server: TestServer, target: Target) => Promise<unknown>;
  /** What each target has to see. */
  readonly expect: unknown;
}

export interface TopicOptions {
  /** File of `test/fixtures/handlers`. */
  readonly handler: string;
  readonly targets: readonly Target[];
  /** Flags of `prefork serve`. */
  readonly args?: readonly string[];
  /** A server for each check, because checks end it. */
  readonly isServerSpent?: boolean;
}

/** Bound of one check, ms: beyond it, it hangs. */
const CHECK_MS = 60_000;

export function topic(name: TopicName, options: TopicOptions, checks: Readonly<Record<string, Check>>): void {
  const rows = DIFFERENCES.filter((row) => row.topic === name);
  for (const target of options.targets) {
    describe(`${name}, ${target}`, () => {
      let server: TestServer | undefined;
      const [first, last] = options.isServerSpent === true ? [beforeEach, afterEach] : [before, after];
      first(async () => {
        server = await startTarget(target, options.handler, options.args);
      });
      last(async () => server?.[Symbol.asyncDispose]());
      for (const [title, check] of Object.entries(checks)) {
        test(title, { timeout: CHECK_MS }, async () => {
          assert.ok(server !== undefined, 'the server did not start');
          const row = rows.find((each) => each.check === title && each.targets.includes(target));
          const seen = await check.see(server, target);
          assert.deepEqual(
            seen,
            row === undefined ? check.expect : row.sees,
            row === undefined ? undefined : outdated(row, target, seen),
          );
        });
      }
    });
  }
  test(`${name}: the declared differences are differences, of checks and targets that exist`, () => {
    for (const row of rows) {
      const check = checks[row.check];
      assert.ok(check !== undefined, `differences.ts declares "${row.check}", which is no check of "${name}"`);
      for (const target of row.targets) assert.ok(options.targets.includes(target), `"${name}" is not run on ${target}`);
      assert.ok(!isDeepStrictEqual(row.sees, check.expect), `"${row.check}" of "${name}" declares what is expected anyway`);
    }
  });
}

function outdated(row: Difference, target: Target, seen: unknown): string {
  return (
    `differences.ts says that ${target} differs in "${row.check}", because ${row.reason}; it saw ${JSON.stringify(seen)}, ` +
    `the row says ${JSON.stringify(row.sees)}: correct the row, or take it out when this is what all others see`
  );
}
