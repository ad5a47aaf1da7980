import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootsTable, compareBoots } from '../../simulation/compare/boots.ts';
import { BootRate } from '../../src/scheduler/boot-rate.ts';

const OWN = 'half of the CPUs, doubling';
const rows = compareBoots([2, 8], 4);

test('the comparison of boots is the same each time, and leaves the rule as it was', () => {
  assert.deepEqual(compareBoots([2], 1), compareBoots([2], 1));
  const rate = new BootRate(2);
  assert.equal(rate.atOnce, 1);
  rate.booted(true);
  assert.equal(rate.atOnce, 2);
});

test('whatever comes at once: nobody waits as long as if all booted at once, nor much longer than if one did after the other', () => {
  for (const { cpus, rush, rule, p50Ms, p99Ms, emptyAfterMs, boots } of rows) {
    const own = rows.find((row) => row.cpus === cpus && row.rush === rush && row.rule === OWN);
    assert.ok(own !== undefined);
    const what = `${cpus} CPUs, ${rush}: ${JSON.stringify(own)}`;
    // Where hardly anybody waits, a few ms more or less say nothing.
    if (rule === 'all at once' || rule === 'one at a time') assert.ok(own.p50Ms < 1.1 * p50Ms + 5, what);
    if (rule === 'all at once') assert.ok(own.p99Ms < p99Ms && own.emptyAfterMs < emptyAfterMs && own.boots < boots, what);
    if (rule === 'one at a time') assert.ok(own.p99Ms < 1.1 * p99Ms && own.emptyAfterMs < 1.1 * emptyAfterMs, what);
  }
});

test('the table has a line for each of them', () => {
  const lines = bootsTable(rows).split('\n');
  assert.equal(lines.length, 1 + rows.length);
  assert.ok(!/NaN|undefined|Infinity|never/.test(lines.join('\n')));
});
