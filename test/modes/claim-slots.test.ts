import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CLAIM_SLOTS } from '../../src/channel/claims.ts';
import { ClaimSlots } from '../../src/modes/claim-slots.ts';
import { holds } from '../channel/holds.ts';

const anyStep = fc.record({
  act: fc.constantFrom('take' as const, 'take' as const, 'ask' as const, 'answer' as const, 'over' as const),
  // Of the slots that were ever given out, any: a word about one that is free again changes nothing.
  pick: fc.nat(1000),
});

test('a slot is never given out while its task runs or a question about it is open, and always when neither is so', () => {
  holds(
    fc.property(fc.array(anyStep, { maxLength: 200, size: 'max' }), (steps) => {
      const slots = new ClaimSlots();
      const taken = new Map<number, { asked: boolean; over: boolean }>();
      const known: number[] = [];
      const settle = (slot: number): void => {
        const state = taken.get(slot);
        if (state?.over === true && !state.asked) taken.delete(slot);
      };
      for (const { act, pick } of steps) {
        const slot = known[pick % known.length];
        if (act === 'take' || slot === undefined) {
          const given = slots.take();
          assert.ok(given !== undefined && given < CLAIM_SLOTS);
          assert.ok(!taken.has(given), `slot ${given} was given out twice`);
          // As many are in use as ever were at once: what is free again is used again.
          assert.ok(given < known.length || known.length === taken.size, `slot ${given} is new, and others are free`);
          taken.set(given, { asked: false, over: false });
          if (!known.includes(given)) known.push(given);
          continue;
        }
        const state = taken.get(slot);
        if (act === 'answer') assert.equal(slots.answer(slot), state?.asked === true);
        else slots[act](slot);
        if (state === undefined) continue;
        if (act === 'over') state.over = true;
        else state.asked = act === 'ask';
        settle(slot);
      }
    }),
    2000,
  );
});

test('when all are taken there is none, until one is free in every respect', () => {
  const slots = new ClaimSlots();
  const given = new Set(Array.from({ length: CLAIM_SLOTS }, () => slots.take()));
  assert.equal(given.size, CLAIM_SLOTS);
  assert.equal(slots.take(), undefined);
  slots.ask(5);
  slots.over(5);
  assert.equal(slots.take(), undefined);
  assert.equal(slots.answer(5), true);
  assert.equal(slots.take(), 5);
  assert.equal(slots.take(), undefined);
});

test('an answer that nobody asked for, about a slot in use or not, is none', () => {
  const slots = new ClaimSlots();
  assert.equal(slots.answer(0), false);
  const slot = slots.take();
  assert.equal(slot, 0);
  assert.equal(slots.answer(0), false);
  slots.ask(0);
  assert.equal(slots.answer(0), true);
  assert.equal(slots.answer(0), false);
});
