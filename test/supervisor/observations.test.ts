import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservationOrder } from '../../src/channel/messages.ts';
import { Observations } from '../../src/supervisor/observations.ts';

const KB = 1024;

function setUp() {
  const sent: ObservationOrder[] = [];
  const heard: string[] = [];
  const observations = new Observations((order) => void sent.push(order));
  const ask = (name: string) =>
    observations.open(
      { what: 'inspector' },
      { onBytes: (bytes) => heard.push(`${name}: ${bytes.toString()}`), onEnd: (error) => heard.push(`${name} ends: ${error}`) },
    );
  return { sent, heard, observations, ask };
}

test('brings each answer to who asked', () => {
  const { sent, heard, observations, ask } = setUp();
  ask('one');
  ask('two');
  assert.deepEqual(
    sent.map((order) => [order.type, order.request]),
    [
      ['Observe', 1],
      ['Observe', 2],
    ],
  );
  assert.ok(observations.isOpen('inspector') && !observations.isOpen('heap'));
  assert.ok(observations.receive({ type: 'Observed', request: 2, bytes: Buffer.from('b') }));
  assert.ok(observations.receive({ type: 'ObservationEnded', request: 2, error: '' }));
  assert.ok(observations.receive({ type: 'ObservationEnded', request: 1, error: 'no' }));
  assert.deepEqual(heard, ['two: b', 'two ends: ', 'one ends: no']);
  assert.ok(!observations.isOpen('inspector'));
});

test('takes a late word, and one that nobody asked for, for nothing', () => {
  const { heard, observations, ask } = setUp();
  ask('one');
  observations.receive({ type: 'ObservationEnded', request: 1, error: '' });
  assert.ok(observations.receive({ type: 'Observed', request: 1, bytes: Buffer.from('late') }));
  assert.ok(observations.receive({ type: 'ObservationEnded', request: 77, error: '' }));
  assert.deepEqual(heard, ['one ends: ']);
});

test('allows more bytes as they are dealt with, and none for what is over', () => {
  const { sent, observations, ask } = setUp();
  const open = ask('one');
  observations.receive({ type: 'Observed', request: 1, bytes: Buffer.alloc(64 * KB) });
  open.consume(64 * KB);
  assert.deepEqual(sent.at(-1), { type: 'ObservationCredit', request: 1, bytes: 64 * KB });
  observations.receive({ type: 'ObservationEnded', request: 1, error: '' });
  open.consume(64 * KB);
  open.end();
  assert.equal(sent.length, 2);
});

test('does not let a worker send more than it was allowed', () => {
  const { observations, ask } = setUp();
  ask('one');
  const bytes = Buffer.alloc(256 * KB);
  assert.ok(observations.receive({ type: 'Observed', request: 1, bytes }));
  assert.ok(observations.receive({ type: 'Observed', request: 1, bytes }));
  assert.equal(observations.receive({ type: 'Observed', request: 1, bytes }), false);
});

test('tells all who wait why there is no answer, at once, and so whoever asks later', async () => {
  const { sent, heard, observations, ask } = setUp();
  ask('one');
  ask('two');
  observations.close('it ended: exit code 3');
  observations.close('another reason');
  assert.deepEqual(heard, ['one ends: it ended: exit code 3', 'two ends: it ended: exit code 3']);
  assert.equal(sent.filter(({ type }) => type === 'EndObservation').length, 2);
  ask('three');
  await Promise.resolve();
  assert.equal(heard.at(-1), 'three ends: it ended: exit code 3');
  assert.equal(sent.filter(({ type }) => type === 'Observe').length, 2);
});
