/** Real apps, each on bare node:http and behind prefork: what their middleware, files, sessions and uploads answer must be the same. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TestServer } from '../support/test-server.ts';
import { appRequest, type AppRequest } from './app-request.ts';
import { APPS, type AppRoutes } from './app-routes.ts';
import type { WireResponse } from './take-response.ts';
import { startTarget } from './targets.ts';
import { Wire } from './wire.ts';

/** Fixed, so that a run can be had again; another one can be tried with CONFORMANCE_SEED. */
const SEED = Number(process.env['CONFORMANCE_SEED'] ?? 20_261_125);
const RUNS = Number(process.env['CONFORMANCE_RUNS'] ?? 200);
const LIMITS = { interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true };

/** Headers that speak of the connection or of the moment, and ours. */
const APART = new Set(['date', 'connection', 'keep-alive', 'server-timing', 'x-worker']);
const FRAMING = new Set(['content-length', 'transfer-encoding']);

async function answerOf({ port }: TestServer, { method, bytes }: AppRequest, { isFetch }: AppRoutes): Promise<unknown> {
  using wire = await Wire.to(port);
  wire.send(bytes);
  const response = await wire.response(method);
  if (response === null) return null;
  const headers = response.headers.filter(([name]) => !APART.has(name.toLowerCase()));
  return isFetch ? saidBy(response, headers) : { ...response, headers };
}

/** What an answer says, however its headers are written and its body is framed. The type of a text is `text/plain;charset=UTF-8` by the fetch standard, and by srvx with a blank. */
function saidBy({ status, body, isComplete }: WireResponse, headers: WireResponse['headers']): unknown {
  const said = headers
    .map(([name, value]) => `${name.toLowerCase()}: ${value.replace('; charset=UTF-8', ';charset=UTF-8')}`)
    .filter((text) => !FRAMING.has(text.split(':')[0] ?? ''));
  return { status, body, isComplete, headers: said.toSorted() };
}

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
      const [expected, seen] = await Promise.all([answerOf(bare, request, routes), answerOf(served, request, routes)]);
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
