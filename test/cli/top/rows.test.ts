import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORDERS, shownWorkers } from '../../../src/cli/top/rows.ts';
import { busyWorker, sampleWorker } from './sample-state.ts';

const MB = 1024 * 1024;
const workers = [
  sampleWorker(1, { rssBytes: 90 * MB, served: 5 }),
  busyWorker(2, '/report?year=2026', 9000, { cpuPercent: 10, eventLoopDelayMs: 4 }),
  busyWorker(3, '/primes', 200, { cpuPercent: 99, lane: 'long', eventLoopDelayMs: 700 }),
  sampleWorker(4, { health: 'hung' }),
];
const all = { order: 'run', isReversed: false, filter: '' } as const;
const ids = (options: Partial<Parameters<typeof shownWorkers>[1]>): number[] =>
  shownWorkers(workers, { ...all, ...options }).map(({ id }) => id);

const EXPECTED: Readonly<Record<(typeof ORDERS)[number], readonly number[]>> = {
  run: [4, 2, 3, 1],
  cpu: [3, 2, 1, 4],
  memory: [1, 2, 3, 4],
  delay: [3, 2, 1, 4],
  served: [4, 3, 2, 1],
  id: [1, 2, 3, 4],
};

for (const order of ORDERS) test(`by ${order}`, () => assert.deepEqual(ids({ order }), EXPECTED[order]));

test('equal ones stay in the order of their ids when the order is turned around', () => {
  assert.deepEqual(ids({ order: 'memory', isReversed: true }), [2, 3, 4, 1]);
});

for (const [filter, expected] of [
  ['', [4, 2, 3, 1]],
  ['PRIMES', [3]],
  ['4002', [2]],
  ['w3', [3]],
  ['hung', [4]],
  ['busy get', [2, 3]],
  ['busy 2026', [2]],
  ['long', [3]],
  ['nothing', []],
] as const)
  test(`the filter ${JSON.stringify(filter)}`, () => assert.deepEqual(ids({ filter }), expected));
