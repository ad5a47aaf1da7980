import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OFFLOADED } from '../../src/channel/messages.ts';
import { encodeKnownValues } from '../../src/offload/known-values.ts';
import { offloaded } from '../../src/worker/api.ts';

function request(): object {
  return { [OFFLOADED]: encodeKnownValues({ params: { id: 1 }, query: { a: ['b'] }, context: new Set([2]) }) };
}

test('offloaded() finds what the app knows, however a framework wraps the request', () => {
  const known = { params: { id: 1 }, query: { a: ['b'] }, context: new Set([2]) };
  const given = request();
  for (const wrapped of [given, given, { raw: given }, { req: given }, { req: { raw: given } }, { raw: request() }])
    assert.deepEqual(offloaded(wrapped), known);
});

test('offloaded() knows nothing of a request that no app has offloaded', () => {
  for (const other of [{}, { req: null, raw: 1 }, new Request('http://example.org/')])
    assert.deepEqual(offloaded(other), { params: {}, query: {}, context: undefined });
});
