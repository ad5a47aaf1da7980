import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import type { PrimaryOptions } from './primary-process.ts';
import { startPrimary, type Primary } from './start-primary.ts';

const CONNECTIONS = 64;
const LIMIT_MS = 20;

interface Plan {
  readonly requests: number;
  readonly options: PrimaryOptions;
}

const common = { entry: handler('tiny.mjs'), queue: 1000, queueTimeout: '1m' } as const;

/** In mode fork each request is a process; in mode cluster the primary takes none, and in mode blocking it has no workers to deal with. */
const plans: Record<string, Plan> = {
  pool: { requests: 4000, options: { ...common, mode: 'pool', max: 4 } },
  fork: { requests: CONNECTIONS / 2, options: { ...common, mode: 'fork', max: 8 } },
  thread: { requests: 2000, options: { ...common, mode: 'thread', max: 4 } },
  cluster: { requests: 1000, options: { ...common, mode: 'cluster', max: 2 } },
  blocking: { requests: 1000, options: { ...common, mode: 'blocking' } },
};

for (const [mode, { requests, options }] of Object.entries(plans)) {
  test(`mode ${mode}: ${requests} requests over ${CONNECTIONS} connections are answered right, and the primary's event loop turns`, async (t) => {
    const delayMs = await delayUnderLoad(options, requests);
    t.diagnostic(`delay of the event loop, 99th percentile: ${delayMs.toFixed(1)} ms`);
    if (delayMs < LIMIT_MS) return;
    // On a machine that others keep busy no process runs at once: then bare node:http, under the same load, is the measure.
    const bareMs = await delayUnderLoad({ ...options, bare: true }, requests);
    t.diagnostic(`that of bare node:http: ${bareMs.toFixed(1)} ms`);
    assert.ok(delayMs < LIMIT_MS + 3 * bareMs, `it is ${delayMs} ms, and that of bare node:http ${bareMs} ms`);
  });
}

/** The 99th percentile of the event-loop delay in the primary, ms. */
async function delayUnderLoad(options: PrimaryOptions, requests: number): Promise<number> {
  await using primary = await startPrimary(options);
  // The first requests compile what the others run.
  await sendAll(primary, Math.min(CONNECTIONS, Math.ceil(requests / 10)));
  await primary.ask('delayP99Ms');
  await sendAll(primary, requests);
  const delayMs = await primary.ask('delayP99Ms');
  await primary.close();
  return delayMs;
}

async function sendAll(primary: Primary, requests: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  const client = async (): Promise<void> => {
    for (let id = next++; id < requests; id = next++) {
      const answer = await get(`${primary.url}/${id}`, { agent });
      assert.equal(`${answer.status} ${answer.text()}`, `200 /${id}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
}
