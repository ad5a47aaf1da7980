/** Real apps, each on bare node:http and behind prefork: what their middleware, files, sessions and uploads answer must be the same. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TestServer } from '../support/test-server.ts';
import { appRequest, type AppRequest } from './app-request.ts';
import { APPS } from './app-routes.ts';
import { answerOf } from './compared-answer.ts';
import { startTarget } from './targets.ts';

/** Fixed, so that a run can be had again; another one can be tried with CONFORMANCE_SEED. */
const SEED = Number(process.env['CONFORMANCE_SEED'] ?? 20_261_125);
const RUNS = Number(process.env['CONFORMANCE_RUNS'] ?? 200);
const LIMITS = { interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true };

for (const [name, routes] of Object.entries(APPS)) {
  describe(`an app of ${name} behind prefork answers as on bare node:http`, () => {
    let bare: TestServer | undefined;
    let served: TestServer | undefined;
    before(async () => {
      const file = join('..', 'apps', routes.file);
      // One worker: sessions are in its memory.
      [bare, served] = await Promise.all([startTarget('bare', file), startTarget('pool', file, ['--max', '1'])]);
    });
    after(async () => {
      await bare?.[Symbol.asyncDispose]();
      await served?.[Symbol.asyncDispose]();
    });

    async function compare(request: AppRequest): Promise<void> {
      assert.ok(bare !== undefined && served !== undefined, 'a server did not start');
      const [expected, seen] = await Promise.all([
        answerOf(bare, request, routes.isFetch),
        answerOf(served, request, routes.isFetch),
      ]);
      assert.deepEqual(seen, expected);
    }

    test('to a plain request for each of its routes', { timeout: 120_000 }, async () => {
      for (const path of routes.routes) {
        for (const method of ['GET', 'HEAD'])
          await compare({ method, bytes: `${method} ${path} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n` });
      }
    });

    test(`to ${RUNS} generated requests`, { timeout: 120_000 }, async (t) => {
      t.diagnostic(`seed ${SEED}`);
      await fc.assert(
        fc.asyncProperty(appRequest(routes), (request) => compare(request)),
        { seed: SEED, numRuns: RUNS, ...LIMITS },
      );
    });
  });
}
