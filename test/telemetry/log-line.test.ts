import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { logLineOf } from '../../src/telemetry/log-line.ts';
import { EVENTS } from './events.ts';

suite('logLineOf', () => {
  for (const { event, level, message, fields } of EVENTS) {
    test(`${JSON.stringify(event).slice(0, 100)} is ${level ?? 'no'} line`, () => {
      assert.deepEqual(logLineOf(event), level === undefined ? undefined : { level, message, fields });
    });
  }
});
