import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncidentLog } from '../../src/diagnostics/incident-log.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';

test('a task that was slow, is said to be over, and only then to have been late, has one incident', () => {
  const log = new IncidentLog();
  const recorder = new IncidentRecorder(log, 'cluster');
  const worker = { id: 1, pid: 4711, vitals: undefined, lastWords: [] };
  const times = { receivedMs: 0, startedMs: 0, demotedMs: undefined, cpuMicrosAtStart: undefined };
  const subject = { task: 7, method: 'GET', url: '/wait', route: 'GET /wait', ...times, worker, incident: 'abcdefghijk0' };
  const end = { status: null, exitCode: null, signal: null };
  recorder.slow(subject);
  recorder.ended(1, 7, 0, { ...end, how: 'it ended by itself' });
  assert.equal(
    recorder.broken('deadline', subject, { ...end, how: 'it was ended at its deadline of 2s', status: 504 }),
    'abcdefghijk0',
  );
  const [incident, ...others] = log.list();
  assert.deepEqual(others, []);
  assert.deepEqual([incident?.kind, incident?.end?.status], ['deadline', 504]);
  assert.deepEqual(
    incident?.timeline.map(({ what }) => what),
    ['queued', 'started', 'reported', 'killed'],
  );
});
