import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Agenda } from '../../simulation/kernel/agenda.ts';
import { Digest } from '../../simulation/kernel/digest.ts';
import { Random } from '../../simulation/kernel/random.ts';

const DRAWS = 20_000;

function draws(draw: () => number): number[] {
  return Array.from({ length: DRAWS }, draw);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('the same seed gives the same numbers, another seed and another stream give others', () => {
  const first = (random: Random): number[] => Array.from({ length: 5 }, () => random.fraction());
  assert.deepEqual(first(new Random('7')), first(new Random('7')));
  assert.notDeepEqual(first(new Random('7')), first(new Random('8')));
  assert.notDeepEqual(first(new Random('7').stream('a')), first(new Random('7').stream('b')));
});

test('a stream is the same however much was drawn from where it comes from', () => {
  const [fresh, used] = [new Random('7'), new Random('7')];
  draws(() => used.fraction());
  assert.equal(fresh.stream('a').fraction(), used.stream('a').fraction());
});

test('numbers are spread evenly, and each draw stays within its bounds', () => {
  const random = new Random('spread');
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const value of draws(() => random.below(10))) tenths[value] = (tenths[value] ?? Number.NaN) + 1;
  for (const count of tenths) assert.ok(Math.abs(count - DRAWS / 10) < DRAWS / 100, `${count} of ${DRAWS}`);
  assert.ok(draws(() => random.between(3, 5)).every((value) => value >= 3 && value < 5));
  assert.ok(Math.abs(mean(draws(() => random.exponential(40))) - 40) < 1);
  const tail = draws(() => random.boundedPareto(1.1, 10, 1000));
  assert.ok(tail.every((value) => value >= 10 && value <= 1000));
  assert.ok(tail.some((value) => value > 500) && mean(tail) > 30 && mean(tail) < 50, `mean ${mean(tail)}`);
});

test('the agenda gives what is due first, and in the order of adding among equals', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5)), (times) => {
      const agenda = new Agenda();
      const happened: number[] = [];
      for (const [index, atMs] of times.entries()) agenda.add(atMs, () => happened.push(index));
      assert.equal(agenda.nextMs, times.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...times));
      for (let next = agenda.take(); next !== undefined; next = agenda.take()) next();
      // Array#toSorted is stable.
      const expected = [...times.keys()].toSorted((one, other) => (times[one] ?? 0) - (times[other] ?? 0));
      assert.deepEqual(happened, expected);
      assert.equal(agenda.size, 0);
    }),
  );
});

test('what is added while the agenda is worked off takes its turn', () => {
  const agenda = new Agenda();
  const happened: string[] = [];
  agenda.add(1, () => {
    happened.push('first');
    agenda.add(1, () => happened.push('third'));
    agenda.add(0, () => happened.push('second'));
  });
  agenda.add(2, () => happened.push('fourth'));
  for (let next = agenda.take(); next !== undefined; next = agenda.take()) next();
  assert.deepEqual(happened, ['first', 'second', 'third', 'fourth']);
});

test('a digest tells apart what differs in the last bit, in a name or in the order', () => {
  const digestOf = (...parts: readonly (number | string)[]): string => {
    const digest = new Digest();
    for (const part of parts) {
      if (typeof part === 'number') digest.number(part);
      else digest.name(part);
    }
    return digest.hex;
  };
  assert.equal(digestOf(1, 'TaskEnded'), digestOf(1, 'TaskEnded'));
  assert.match(digestOf(), /^[\da-f]{16}$/);
  const different = [
    digestOf(),
    digestOf(0),
    digestOf(0.3),
    digestOf(0.1 + 0.2),
    digestOf(1, 2),
    digestOf(2, 1),
    digestOf('a'),
    digestOf('b'),
  ];
  assert.equal(new Set(different).size, different.length);
});
