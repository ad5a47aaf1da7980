import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, amount, bytes, duration, fromHome, lookOf, shortPath, wordsOf } from '../../dashboard/data/words.ts';
import { findingsOf } from '../../dashboard/data/verdict.ts';
import type { IncidentGroup, State, WorkerInfo } from '../../dashboard/data/types.ts';

test('figures have the unit that a person would choose', () => {
  const told = [0, 0.44, 9.94, 9.96, 998, 999.6, 9949, 59_400, 59_600, 3_599_000, 3_700_000, 90_000_000];
  assert.deepEqual(told.map(duration), [
    '0 ms',
    '0.4 ms',
    '9.9 ms',
    '10 ms',
    '998 ms',
    '1.0 s',
    '9.9 s',
    '59 s',
    '1 min 00 s',
    '59 min 59 s',
    '1 h 01 min',
    '1 d 1 h',
  ]);
  assert.deepEqual([age(-5), age(61_000), age(7_200_000)], ['0 s', '1 min', '2 h']);
  assert.deepEqual([amount(0), amount(3.21), amount(12_345.6)], ['0', '3.2', '12,346']);
  assert.deepEqual([bytes(70_000_000), bytes(20 * 2 ** 30)], ['67 MB', '20.0 GB']);
  assert.deepEqual([shortPath('/a/b/c/d.ts'), shortPath('/d.ts')], ['…/c/d.ts', '/d.ts']);
});

test('paths are told from the folder of the entry', () => {
  assert.equal(fromHome('computing in spin (/app/src/b.ts:3)', '/app/src/a.ts'), 'computing in spin (b.ts:3)');
  assert.equal(fromHome('computing in spin (/lib/b.ts:3)', '/app/src/a.ts'), 'computing in spin (/lib/b.ts:3)');
  assert.equal(fromHome('a/b', '/a.ts'), 'a/b');
});

test('a worker is told in the one word that matters most', () => {
  const of = (state: WorkerInfo['state'], lane: WorkerInfo['lane'] = null, health: WorkerInfo['health'] = 'alive') =>
    lookOf({ state, lane, health });
  assert.deepEqual(
    [
      of('starting'),
      of('idle'),
      of('busy', 'short'),
      of('busy', 'long', 'busy'),
      of('busy', 'long', 'hung'),
      of('killing', 'long', 'hung'),
    ],
    ['booting', 'idle', 'busy', 'demoted', 'hung', 'killing'],
  );
});

test('a moment of a type that the page does not know is told by its name, and none breaks it', () => {
  assert.deepEqual(wordsOf({ at: '', type: 'worker:new-thing' }), { tone: 'calm', text: 'worker:new-thing' });
  assert.deepEqual(wordsOf({ at: '', type: 'constructor' }), { tone: 'calm', text: 'constructor' });
  assert.equal(wordsOf({ at: '', type: 'worker:gone', reason: 'signal SIGSEGV', unexpected: true }).tone, 'bad');
});

const WORKER: WorkerInfo = {
  id: 3,
  pid: 4711,
  kind: 'process',
  state: 'idle',
  lane: null,
  served: 0,
  startedAt: '2026-01-02T03:04:05.000Z',
  bootMs: 40,
  rssBytes: 0,
  cpuPercent: 0,
  eventLoopDelayMs: 0,
  health: 'alive',
  generation: 1,
  task: null,
  running: 0,
};
const STATE: State = {
  server: {
    pid: 1,
    mode: 'pool',
    version: '',
    node: '',
    startedAt: '2026-01-02T03:04:05.000Z',
    url: '',
    state: 'serving',
    entry: '',
    generation: 1,
    rssBytes: 0,
    cpuPercent: 0,
    eventLoopDelayMs: 0.4,
  },
  workers: [WORKER],
  queue: { depth: 0, limit: 64, oldestMs: 0 },
  lanes: null,
  totals: { admitted: 0, completed: 0, failed: 0, crashed: 0, timedOut: 0, cancelled: 0, rejected: 0, incidents: 0 },
};
const NOW_MS = Date.parse('2026-01-02T04:00:00.000Z');
const GROUP: IncidentGroup = {
  group: 'g',
  kind: 'crash',
  title: 'GET /x crashed',
  count: 2,
  firstAt: '2026-01-02T03:10:00.000Z',
  lastAt: '2026-01-02T03:55:00.000Z',
  ids: ['abcdefghijk0'],
};

test('nothing is wrong when nothing is, and an incident is news for ten minutes', () => {
  assert.deepEqual(findingsOf(STATE, undefined, [], NOW_MS), []);
  assert.deepEqual(findingsOf(STATE, undefined, [GROUP], NOW_MS), [
    { tone: 'bad', text: 'GET /x crashed (2 times)', to: '#/incidents/abcdefghijk0' },
  ]);
  assert.deepEqual(findingsOf(STATE, undefined, [GROUP], NOW_MS + 600_000), []);
});

test('what is wrong comes before what is worth a look, each with the way there', () => {
  const task = { id: 1, method: 'GET', url: '/', startedAt: '', runMs: 20_000 };
  const workers: WorkerInfo[] = [
    { ...WORKER, id: 7, state: 'busy', lane: 'long', task },
    { ...WORKER, id: 8, state: 'busy', health: 'hung' },
  ];
  const found = findingsOf({ ...STATE, workers, queue: { depth: 60, limit: 64, oldestMs: 10 } }, undefined, [], NOW_MS);
  assert.deepEqual(
    found.map(({ tone, to }) => [tone, to]),
    [
      ['bad', '#/workers/8'],
      ['bad', null],
      ['warn', '#/workers/7'],
    ],
  );
});
