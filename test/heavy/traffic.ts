import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { get, open, type LiveResponse } from '../support/http.ts';
import { until } from '../support/until.ts';

/** What goes wrong in some requests to `trouble.mjs`. */
export type Trouble = 'crash' | 'late' | 'lateInLoop' | 'leavesWhileWaiting' | 'leavesAtOnce' | 'leavesInLoop';

export interface TrafficOptions {
  readonly url: string;
  readonly requests: number;
  readonly atATime: number;
  /** One request of so many is trouble. */
  readonly troubleEvery: number;
  /** Taken in turn. */
  readonly troubles: readonly Trouble[];
  /**
   * Whether a worker takes other requests with it when it ends, as in mode cluster: it holds their sockets. Such a request
   * finds its connection broken, or refused while no worker listens, and is sent again, as a proxy would do.
   */
  readonly sharesWorkers?: boolean;
}

/** A request that is not answered by then, be it sent again or not, is lost. */
const HUNG_MS = 30_000;

/** Sends requests over keep-alive connections, and checks that each one gets its own body or the right error. */
export async function sendTraffic(options: TrafficOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  let next = 0;
  const client = async (): Promise<void> => {
    for (let id = next++; id < options.requests; id = next++) {
      const trouble =
        id % options.troubleEvery === 0 ? options.troubles[(id / options.troubleEvery) % options.troubles.length] : undefined;
      if (trouble === undefined) await askForOwnBody(options, id, agent);
      else await makeTrouble(options, trouble, id, agent);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.atATime }, client));
  } finally {
    agent.destroy();
  }
}

async function askForOwnBody({ url, sharesWorkers = false }: TrafficOptions, id: number, agent: Agent): Promise<void> {
  const body = `body of ${id} ${'x'.repeat(id % 997)}`;
  const ask = () => get(`${url}/echo?${id}`, { method: 'POST', body, agent });
  const answer = sharesWorkers
    ? await until(() => ask().catch(orBroken), { describe: `an answer to request ${id}`, withinMs: HUNG_MS })
    : await ask();
  assert.equal(`${answer.status} ${answer.text()}`, `200 /echo?${id} ${body}`);
}

async function makeTrouble(options: TrafficOptions, trouble: Trouble, id: number, agent: Agent): Promise<void> {
  switch (trouble) {
    case 'crash':
      return expectError(options, `/crash?${id}`, 'ERR_WORKER_DIED', agent);
    case 'late':
      return expectError(options, `/late?${id}`, 'ERR_DEADLINE', agent);
    case 'lateInLoop':
      return expectError(options, `/loop?${id}`, 'ERR_DEADLINE', agent);
    case 'leavesWhileWaiting': {
      const response = await open(`${options.url}/wait?${id}`).catch(orBroken);
      if (response === null) return assert.ok(options.sharesWorkers, 'the connection broke');
      assert.equal(response.status, 200);
      return leave(response);
    }
    case 'leavesAtOnce':
      return leaveAtOnce(`${options.url}/echo?${id}`);
    case 'leavesInLoop':
      return leaveAtOnce(`${options.url}/loop?${id}`);
  }
}

const STATUS = { ERR_WORKER_DIED: 502, ERR_DEADLINE: 504 } as const;

async function expectError(
  { url, sharesWorkers }: TrafficOptions,
  target: string,
  code: keyof typeof STATUS,
  agent: Agent,
): Promise<void> {
  const ask = get(`${url}${target}`, { agent });
  const answer = await (sharesWorkers === true ? ask.catch(orBroken) : ask);
  if (answer === null) return;
  const { status, code: found } = answer.json() as { status: number; code: string };
  assert.deepEqual(
    { target, status: answer.status, inBody: status, code: found },
    { target, status: STATUS[code], inBody: STATUS[code], code },
  );
}

/** Null for a connection that broke, which tells nothing about the request. */
function orBroken(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code)) return null;
  throw error;
}

/** Goes away after the first piece of the answer. */
function leave(response: LiveResponse): Promise<void> {
  return new Promise((resolve) => {
    response.body.once('data', () => response.abort());
    response.body.once('error', () => resolve());
    response.body.once('close', () => resolve());
  });
}

/** Goes away when the request is sent, be it answered by then or not. */
async function leaveAtOnce(url: string): Promise<void> {
  const gone = new AbortController();
  const asked = get(url, { method: 'POST', body: 'body', signal: gone.signal });
  setImmediate(() => gone.abort());
  await asked.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'AbortError') orBroken(error);
  });
}
