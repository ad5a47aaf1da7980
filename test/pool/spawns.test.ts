import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { poolFor } from './pools.ts';

test('workers are spawned one in a turn of the event loop, so that the program has its say between two of them', async (t) => {
  let turn = 0;
  const turnsOfSpawns: number[] = [];
  const onTurn = (): void => {
    turn += 1;
    immediate = setImmediate(onTurn);
  };
  let immediate = setImmediate(onTurn);
  const onStarting = (): void => {
    turnsOfSpawns.push(turn);
  };
  subscribe('prefork:worker:starting', onStarting);
  t.after(() => {
    clearImmediate(immediate);
    unsubscribe('prefork:worker:starting', onStarting);
  });
  const pool = poolFor(t, { min: 7, max: 7 });
  await until(
    () => {
      const { alive, starting } = pool.stats().workers;
      return alive === 7 && starting === 0;
    },
    { describe: 'all seven to be ready', withinMs: 60_000 },
  );
  assert.equal(turnsOfSpawns.length, 7);
  assert.equal(new Set(turnsOfSpawns).size, 7, `in turns ${turnsOfSpawns.join(', ')}`);
});
