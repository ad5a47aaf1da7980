import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../src/admin/api.ts';
import { ratesOf, remember, type Sample } from '../../../src/cli/top/rates.ts';
import { sampleState } from './sample-state.ts';

function withCompleted(completed: number, pid = 77): State {
  const state = sampleState([]);
  return { ...state, server: { ...state.server, pid }, totals: { ...state.totals, completed } };
}

function pastOf(...states: readonly (readonly [state: State, atMs: number])[]): readonly Sample[] {
  return states.reduce<readonly Sample[]>((past, [state, atMs]) => remember(past, state, atMs), []);
}

test('no rate is known from one state, nor from two of the same moment', () => {
  assert.equal(ratesOf([]), null);
  assert.equal(ratesOf(pastOf([withCompleted(5), 0])), null);
  assert.equal(ratesOf(pastOf([withCompleted(5), 0], [withCompleted(9), 10])), null);
});

test('a rate is of the last five seconds', () => {
  const past = pastOf(
    [withCompleted(0), 0],
    [withCompleted(1000), 2000],
    [withCompleted(1010), 4000],
    [withCompleted(1030), 7000],
  );
  assert.equal(ratesOf(past)?.completed, 6);
  assert.equal(past.length, 3);
});

test('a server that was started anew begins anew', () => {
  assert.equal(ratesOf(pastOf([withCompleted(1000), 0], [withCompleted(3, 78), 1000])), null);
});
