/** Apps of frameworks that are built before they run: as `node` runs them, and served by prefork unmodified. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { get } from '../support/http.ts';
import { builtApp } from '../support/built-app.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { appRequest, type AppRequest } from './app-request.ts';
import { answerOf } from './compared-answer.ts';
import { BUILT_APPS } from './built-app-routes.ts';
import type { WireResponse } from './take-response.ts';
import { startProgram } from './targets.ts';

/** Fixed, so that a run can be had again; another one can be tried with CONFORMANCE_SEED. */
const SEED = Number(process.env['CONFORMANCE_SEED'] ?? 20_261_128);
const RUNS = Number(process.env['CONFORMANCE_RUNS'] ?? 150);
const LIMITS = { interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true };

/** How often a body that comes as the time has it may differ, before it is another one. */
const MOST_TRIES = 20;

for (const [name, app] of Object.entries(BUILT_APPS)) {
  describe(`${name} behind prefork answers as node does`, () => {
    let bare: TestServer | undefined;
    let served: TestServer | undefined;
    before(async () => {
      const folder = builtApp(app.folder);
      bare = await startProgram(join(folder, app.program), { HOSTNAME: '127.0.0.1' });
      // What a program builds URLs of is where it believes to listen.
      const env = { PORT: String(bare.port), HOSTNAME: '127.0.0.1' };
      served = await startServer({ entry: join(folder, app.served ?? app.program), args: ['--max', '1'], env });
    });
    after(async () => {
      await bare?.[Symbol.asyncDispose]();
      await served?.[Symbol.asyncDispose]();
    });

    async function ask(server: TestServer | undefined, request: AppRequest): Promise<WireResponse> {
      assert.ok(server !== undefined, 'a server did not start');
      const answer = (await answerOf(server, request)) as WireResponse | null;
      assert.ok(answer !== null, 'the server closed without an answer');
      return app.random === undefined ? answer : { ...answer, body: answer.body.replaceAll(app.random, 'random') };
    }

    /** Fails unless both answer alike. Gives the status. */
    async function compare(request: AppRequest): Promise<number> {
      for (let tries = 1; ; tries += 1) {
        const [expected, seen] = await Promise.all([ask(bare, request), ask(served, request)]);
        // One of them came first, and what it made is not in the cache of both yet.
        if (isCached(expected) !== isCached(seen) && tries < MOST_TRIES) {
          await until(async () => isCached(await ask(bare, request)) && isCached(await ask(served, request)), {
            describe: `both to have ${request.bytes} in their caches`,
          });
          continue;
        }
        if (isInvalid(expected)) {
          assert.deepEqual([seen.status, seen.body.includes('ERR_HANDLER_RESPONSE')], [502, true]);
          return expected.status;
        }
        const mayVary = app.streamsByTime === true && tries < MOST_TRIES && seen.body !== expected.body;
        assert.deepEqual(mayVary ? { ...seen, body: '' } : seen, mayVary ? { ...expected, body: '' } : expected);
        if (!mayVary) return expected.status;
      }
    }

    test('to a plain request for each of its routes', { timeout: 120_000 }, async () => {
      for (const path of app.routes) {
        for (const method of ['GET', 'HEAD'])
          await compare({ method, bytes: `${method} ${path} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n` });
      }
    });

    test('to requests that only this framework knows', { timeout: 120_000 }, async () => {
      const pageOf = async (path: string): Promise<string> => (await get(`${bare?.url}${path}`)).text();
      for (const request of await app.own(pageOf)) assert.equal(await compare(request), request.status, request.bytes);
    });

    test(`to ${RUNS} generated requests`, { timeout: 120_000 }, async (t) => {
      t.diagnostic(`seed ${SEED}`);
      await fc.assert(
        fc.asyncProperty(appRequest(app), async (request) => void (await compare(request))),
        { seed: SEED, numRuns: RUNS, ...LIMITS },
      );
    });
  });
}

function isCached({ headers }: WireResponse): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'x-nextjs-cache' && value === 'HIT');
}

/** sirv, in SvelteKit, answers a range that ends before it begins with a length below 0; behind prefork that is a 502, as a proxy would make of it. */
function isInvalid({ headers }: WireResponse): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-length' && !/^\d+$/.test(value));
}
