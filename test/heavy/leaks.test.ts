import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import type { PrimaryOptions } from './primary-process.ts';
import { startPrimary, type Primary } from './start-primary.ts';
import { sendTraffic, type TrafficOptions, type Trouble } from './traffic.ts';

/**
 * How much the heap may grow between the first fifth of the requests and the last one: at 8,000 requests 256 bytes each. It
 * is well above the 1.3 MB by which it goes up and down, as V8 keeps compiled code or drops it.
 */
const HEAP_NOISE_BYTES = 2 * 1024 ** 2;
const DEADLINE_MS = 1000;
/** Holdings that are not what they were after this time stay so. */
const SETTLED_WITHIN_MS = 30_000;

const LEAVERS: readonly Trouble[] = Array.from({ length: 4 }, () => ['leavesWhileWaiting', 'leavesAtOnce'] as const).flat();
/**
 * Most of them end no process, for a boot takes CPU, and two alone are endless loops, which take a CPU for a second each. The first forty, which
 * are those of a thousand requests, have some of all.
 */
const MIX: readonly Trouble[] = (
  ['crash', 'leavesInLoop', 'late', 'lateInLoop', 'crash', 'late', 'crash', 'late', 'crash', 'late'] as const
).flatMap((trouble) => LEAVERS.toSpliced(0, 0, trouble));

interface Plan extends Omit<TrafficOptions, 'url' | 'requests'> {
  readonly warmUpRequests: number;
  readonly requests: number;
  readonly options: Omit<PrimaryOptions, 'entry'>;
}

const common = {
  entry: handler('trouble.mjs'),
  deadline: DEADLINE_MS,
  queue: 1000,
  queueTimeout: '1m',
  idleTimeout: '1h',
} as const;

/** Mode by mode as many requests as its way of running tasks makes affordable, and as many workers after them as before. */
const plans: Record<string, Plan> = {
  pool: {
    requests: 10_000,
    warmUpRequests: 200,
    atATime: 32,
    troubleEvery: 20,
    troubles: MIX,
    options: { mode: 'pool', min: 10, max: 10, spares: 0 },
  },
  fork: {
    // Each of them is a process, and so there is more trouble among fewer: the last four fifths have all of it.
    requests: 40,
    warmUpRequests: 8,
    atATime: 4,
    troubleEvery: 8,
    troubles: ['leavesInLoop', 'crash', 'late', 'lateInLoop'],
    options: { mode: 'fork', min: 0, max: 6, spares: 2 },
  },
  thread: {
    requests: 1000,
    warmUpRequests: 200,
    atATime: 16,
    troubleEvery: 20,
    troubles: MIX,
    // In each thread that takes the place of another the first request loads what all later ones use, beside loops in the same process.
    options: { mode: 'thread', min: 6, max: 6, spares: 0, deadline: 2 * DEADLINE_MS },
  },
  cluster: {
    requests: 1000,
    warmUpRequests: 200,
    atATime: 8,
    troubleEvery: 20,
    troubles: MIX,
    sharesWorkers: true,
    options: { mode: 'cluster', max: 3 },
  },
  blocking: {
    requests: 1000,
    warmUpRequests: 200,
    atATime: 16,
    troubleEvery: 20,
    // A crash or an endless loop would end the primary itself, or stop it for ever: that is what this mode is there to show.
    troubles: ['late', 'leavesWhileWaiting', 'leavesAtOnce'],
    options: { mode: 'blocking' },
  },
};

for (const [mode, plan] of Object.entries(plans)) {
  test(`mode ${mode}: ${plan.requests} requests, one of ${plan.troubleEvery} trouble, leave nothing behind in the primary`, async (t) => {
    await using primary = await startPrimary({ ...common, ...plan.options });
    const send = (requests: number) => sendTraffic({ ...plan, url: primary.url, requests });
    // The first ones load what the later ones use.
    await send(plan.warmUpRequests);
    const before = await settledHoldings(primary);
    await send(plan.requests / 5);
    await expectHoldings(primary, before);
    const heapBytes = await primary.ask('heapBytes');
    await send(plan.requests - plan.requests / 5);
    await expectHoldings(primary, before);
    expectFlatHeap(t, heapBytes, await primary.ask('heapBytes'));
    assert.deepEqual(await primary.ask('warnings'), []);
    await expectOneEnd(primary, mode === 'cluster' ? 0 : plan.requests + plan.warmUpRequests);
    await primary.close();
  });
}

interface Before {
  readonly holdings: string;
  readonly objects: string;
}

/** The holdings when nothing moves any more: every worker is there again, and every timer of the traffic has passed. */
async function settledHoldings(primary: Primary): Promise<Before> {
  let last = '';
  let sinceMs = 0;
  await until(
    async () => {
      const now = JSON.stringify(await primary.ask('holdings'));
      if (now !== last) sinceMs = performance.now();
      last = now;
      return performance.now() - sinceMs > 3 * DEADLINE_MS;
    },
    { describe: () => `the primary to settle; it holds ${last}`, withinMs: SETTLED_WITHIN_MS },
  );
  return { holdings: last, objects: JSON.stringify(await primary.ask('objects')) };
}

async function expectHoldings(primary: Primary, before: Before): Promise<void> {
  // The objects last: to count them takes the garbage collector, which takes a CPU.
  for (const kind of ['holdings', 'objects'] as const) {
    let now = '';
    await until(
      async () => {
        now = JSON.stringify(await primary.ask(kind));
        return now === before[kind];
      },
      {
        describe: () => `the primary to hold what it held before:\n${before[kind]}\nnot\n${now}`,
        withinMs: SETTLED_WITHIN_MS,
      },
    );
  }
}

function expectFlatHeap(t: TestContext, earlierBytes: number, laterBytes: number): void {
  const grownBytes = laterBytes - earlierBytes;
  t.diagnostic(`the heap went from ${earlierBytes} to ${laterBytes} bytes`);
  assert.ok(grownBytes < HEAP_NOISE_BYTES, `the heap grew by ${grownBytes} bytes`);
}

/** In mode cluster the workers count, and no two of them know of each other. */
async function expectOneEnd(primary: Primary, requests: number): Promise<void> {
  const { started, ended, startedTwice, endedTwice } = await primary.ask('tasks');
  assert.deepEqual({ startedTwice, endedTwice }, { startedTwice: 0, endedTwice: 0 });
  // A client that leaves at once may have left before its request came in, or while it waited.
  assert.ok(ended <= requests && ended >= requests * 0.95, `${ended} of ${requests} requests were ended`);
  assert.ok(started <= ended, `${started} tasks were started, ${ended} ended`);
}
