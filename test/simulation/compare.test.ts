import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arrival } from '../../simulation/compare/arrivals.ts';
import { compare, OWN } from '../../simulation/compare/compare.ts';
import { fifo, leastBusy, type Peer, roundRobin, shortestFirst } from '../../simulation/compare/peers.ts';
import { toSvg } from '../../simulation/compare/svg.ts';
import { find, toTable } from '../../simulation/compare/table.ts';

function arrivals(...tasks: readonly (readonly [atMs: number, runMs: number])[]): readonly Arrival[] {
  return tasks.map(([atMs, runMs]) => ({ atMs, runMs, isLong: runMs >= 100 }));
}

const LOAD = arrivals([0, 100], [1, 100], [2, 10], [3, 1], [4, 1]);

const EXPECTED: readonly (readonly [name: string, peer: Peer, endsMs: readonly number[]])[] = [
  ['one queue: who came first goes first', fifo, [100, 101, 110, 102, 103]],
  ['shortest first: the queue is sorted whenever a worker is free', shortestFirst, [100, 101, 111, 101, 102]],
  ['round robin: the third waits behind the first', roundRobin, [100, 101, 110, 102, 111]],
  ['least busy: where the fewest are, however long they take', leastBusy, [100, 101, 110, 102, 111]],
];

for (const [name, peer, endsMs] of EXPECTED) {
  test(name, () => {
    assert.deepEqual([...peer(LOAD, 2)], endsMs);
  });
}

test('least busy notices who is done, and knows nothing of how long the others take', () => {
  assert.deepEqual([...leastBusy(arrivals([0, 50], [0, 10], [20, 5], [21, 5]), 2)], [50, 10, 25, 55]);
});

test('the comparison is the same each time, and short tasks hardly wait where long ones give way', () => {
  const [once, again] = [compare([2], 500), compare([2], 500)];
  assert.deepEqual(once, again);
  const own = find(once, OWN, 2);
  const queue = find(once, 'one queue, first come first', 2);
  assert.ok(own !== undefined && queue !== undefined);
  assert.ok(own.short.p50Ms < 5 && own.short.p99Ms < 100, `${own.short.p50Ms} and ${own.short.p99Ms} ms`);
  assert.ok(queue.short.p99Ms > 10 * own.short.p99Ms);
});

test('table and picture show every way and every number of CPUs', () => {
  const cells = compare([2, 3], 200);
  const [table, svg] = [toTable(cells), toSvg(cells)];
  for (const { way } of cells) {
    assert.equal(table.split('\n').filter((line) => line.startsWith(way)).length, 2);
    assert.ok(svg.includes(`>${way}</text>`));
  }
  for (const shown of [table, svg]) assert.ok(shown.includes('2 CPUs') && shown.includes('3 CPUs'));
  assert.equal(svg.match(/<circle/g)?.length, 2 * cells.length);
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
});
