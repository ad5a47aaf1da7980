import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { TestServer } from '../support/test-server.ts';
import { generatedRequest, type GeneratedRequest } from './generated-request.ts';
import type { WireResponse } from './take-response.ts';
import { startTarget } from './targets.ts';
import { Wire, valuesOf } from './wire.ts';

/** Fixed, so that a run can be had again; another one can be tried with CONFORMANCE_SEED. */
const SEED = Number(process.env['CONFORMANCE_SEED'] ?? 20_261_124);
const RUNS = 300;
/** The search for the smallest counterexample may take long when each one hangs: what was found so far is better than nothing. */
const LIMITS = { interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true };

/** Headers that speak of the connection or of the moment, and ours. */
const APART = new Set(['date', 'connection', 'keep-alive', 'server-timing', 'x-worker']);

/** All that must be the same, byte for byte and in the same order; and whether the connection ends after it, in word and deed. */
async function answersOf(port: number, requests: readonly GeneratedRequest[]): Promise<unknown> {
  using wire = await Wire.to(port);
  wire.send(requests.map(({ bytes }) => bytes).join(''));
  const seen: unknown[] = [];
  let connection: string[] = [];
  for (const { method } of requests) {
    const response = await wire.response(method);
    seen.push(essence(response));
    connection = valuesOf(response, 'connection');
  }
  return { seen, connection, after: connection.includes('close') ? await wire.ended() : 'open' };
}

function essence(response: WireResponse | null): unknown {
  if (response === null) return null;
  return { ...response, headers: response.headers.filter(([name]) => !APART.has(name.toLowerCase())) };
}

describe('mode pool answers as bare node:http does', () => {
  let bare: TestServer | undefined;
  let pool: TestServer | undefined;
  before(async () => {
    [bare, pool] = await Promise.all([startTarget('bare', 'puppet.mjs'), startTarget('pool', 'puppet.mjs')]);
  });
  after(async () => {
    await bare?.[Symbol.asyncDispose]();
    await pool?.[Symbol.asyncDispose]();
  });

  async function compare(requests: readonly GeneratedRequest[]): Promise<void> {
    assert.ok(bare !== undefined && pool !== undefined, 'a server did not start');
    const [expected, seen] = await Promise.all([answersOf(bare.port, requests), answersOf(pool.port, requests)]);
    assert.deepEqual(seen, expected);
  }

  test(`to ${RUNS} generated requests`, { timeout: 170_000 }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    await fc.assert(
      fc.asyncProperty(generatedRequest, (request) => compare([request])),
      { seed: SEED, numRuns: RUNS, ...LIMITS },
    );
  });

  test('to generated requests that are pipelined', { timeout: 170_000 }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    // What follows a request that ends the connection is a matter of its own, and tested elsewhere.
    const kept = generatedRequest.filter(({ keepsOpen }) => keepsOpen);
    const batch = fc.tuple(fc.array(kept, { minLength: 1, maxLength: 4 }), generatedRequest);
    await fc.assert(
      fc.asyncProperty(batch, ([some, last]) => compare([...some, last])),
      { seed: SEED, numRuns: RUNS / 5, ...LIMITS },
    );
  });
});
