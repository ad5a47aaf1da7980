import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncidentLog } from '../../src/diagnostics/incident-log.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';
import { frame, stackReport, taskSubject, workerSubject } from './subjects.ts';

const DEADLINE = { how: 'it was ended at its deadline of 1s', status: 504, exitCode: null, signal: null };
const CRASH = { how: 'its worker ended: exit code 7', status: 502, exitCode: 7, signal: null };

function newLog(): { log: IncidentLog; recorder: IncidentRecorder } {
  const log = new IncidentLog();
  return { log, recorder: new IncidentRecorder(log, 'pool') };
}

test('a slow task is one record, from the report to its end', () => {
  const { log, recorder } = newLog();
  const id = recorder.slow(taskSubject());
  assert.match(id, /^[\da-z]{12}$/);
  const [reported] = log.list();
  assert.ok(reported);
  assert.deepEqual(reported.request, { task: 9, method: 'GET', url: '/report?id=7', route: 'GET /report' });
  assert.deepEqual(reported.worker, { id: 3, pid: 4711 });
  assert.equal(reported.figures?.queueMs, 20);
  assert.equal(reported.figures.cpuMs, 1000);
  assert.ok(reported.figures.runMs >= 1000);
  assert.deepEqual(
    reported.timeline.map(({ what }) => what),
    ['queued', 'started', 'demoted', 'reported'],
  );
  assert.equal(reported.end, null);

  recorder.addStack(id, stackReport());
  recorder.ended(3, 9, performance.now() - 1500, {
    how: 'it ended by itself',
    status: 200,
    exitCode: null,
    signal: null,
  });
  const over = log.get(id);
  assert.equal(over?.kind, 'slow');
  assert.equal(over.end?.status, 200);
  assert.equal(over.timeline.at(-1)?.what, 'ended');
  assert.equal(log.total, 1);
});

test('a slow task that reaches its deadline stays one record, with its stack, and changes its group', () => {
  const { log, recorder } = newLog();
  const id = recorder.slow(taskSubject());
  recorder.addStack(id, stackReport());
  assert.equal(recorder.broken('deadline', taskSubject(), DEADLINE), id);
  const incident = log.get(id);
  assert.equal(incident?.kind, 'deadline');
  assert.equal(incident.stack?.frames[1]?.function, 'spin');
  assert.deepEqual(
    incident.timeline.map(({ what }) => what),
    ['queued', 'started', 'demoted', 'reported', 'killed'],
  );
  const groups = log.groups();
  assert.deepEqual(
    groups.map(({ kind, count, ids }) => ({ kind, count, ids })),
    [{ kind: 'deadline', count: 1, ids: [id] }],
  );
  assert.equal(groups[0]?.title, 'GET /report was ended at its deadline: computing in spin (/app/report.ts:12)');
  assert.equal(log.total, 1);
});

test('an end that was no trouble leaves no record', () => {
  const { log, recorder } = newLog();
  recorder.ended(3, 9, performance.now() - 5, {
    how: 'it ended by itself',
    status: 200,
    exitCode: null,
    signal: null,
  });
  assert.equal(log.total, 0);
});

test('a crash is told by the error that the worker printed', () => {
  const { log, recorder } = newLog();
  const lastWords = [
    'file:///app/report.js:3',
    '      throw new TypeError("no such report", { cause: new Error("disk") });',
    'TypeError: no such report',
    '    at Timeout._onTimeout (file:///app/report.js:3:13)',
    '    at listOnTimeout (node:internal/timers:581:17) {',
    '  [cause]: Error: disk',
  ];
  recorder.broken('crash', taskSubject({ worker: workerSubject({ lastWords }) }), CRASH);
  recorder.broken('crash', taskSubject({ task: 10, worker: workerSubject({ lastWords }) }), CRASH);
  recorder.broken('crash', taskSubject({ task: 11 }), {
    ...CRASH,
    how: 'its worker ended: signal SIGSEGV',
    signal: 'SIGSEGV',
    exitCode: null,
  });
  assert.deepEqual(
    log.groups().map(({ title, count }) => [title, count]),
    [
      ['GET /report lost its worker: its worker ended: signal SIGSEGV', 1],
      ['GET /report lost its worker: TypeError: no such report: Timeout._onTimeout (file:///app/report.js:3:13)', 2],
    ],
  );
  assert.deepEqual(log.list().at(-1)?.lastWords, lastWords);
});

test('a boot failure has no request', () => {
  const { log, recorder } = newLog();
  recorder.worker(
    'boot',
    workerSubject(),
    { how: 'x is not defined', status: null, exitCode: null, signal: null },
    'ReferenceError: x is not defined\n    at file:///app/a.js:1:1',
  );
  const [incident] = log.list();
  assert.equal(incident?.request, null);
  assert.equal(log.groups()[0]?.title, 'a worker did not boot: ReferenceError: x is not defined: file:///app/a.js:1:1');
});

test('one hung function hit 10,000 times is one group with a count, and pushes nothing else out', () => {
  const { log, recorder } = newLog();
  const other = recorder.broken('crash', taskSubject({ task: 1, route: 'GET /other' }), CRASH);
  for (let task = 2; task < 10_002; task += 1) {
    const id = recorder.slow(taskSubject({ task, url: `/report?id=${task}` }));
    recorder.addStack(id, stackReport());
    recorder.broken('deadline', taskSubject({ task }), DEADLINE);
  }
  assert.deepEqual(
    log.groups().map(({ kind, count }) => ({ kind, count })),
    [
      { kind: 'deadline', count: 10_000 },
      { kind: 'crash', count: 1 },
    ],
  );
  assert.ok(log.get(other));
  assert.ok(log.list().length <= 50, `${log.list().length} records are kept`);
  assert.equal(log.total, 10_001);
  assert.equal(log.dropped, 10_001 - log.list().length);
});

test('what is kept is bounded, however many causes there are', () => {
  const { log, recorder } = newLog();
  for (let task = 0; task < 5000; task += 1) {
    const id = recorder.slow(taskSubject({ task, route: `GET /${task}` }));
    recorder.addStack(id, stackReport({ frames: [frame('spin', '/app/report.ts', task)] }));
  }
  assert.ok(log.list().length <= 200);
  assert.ok(log.groups().length <= 100);
  // Each group that is shown has a record to show.
  for (const { ids } of log.groups()) for (const id of ids) assert.ok(log.get(id));
  assert.equal(log.list()[0]?.request?.task, 4999);
});

test('a request can be as long as it likes, its record is not', () => {
  const { log, recorder } = newLog();
  recorder.slow(taskSubject({ url: `/${'x'.repeat(100_000)}`, route: 'y'.repeat(100_000) }));
  assert.ok(JSON.stringify(log.list()).length < 5000);
  assert.ok((log.groups()[0]?.title.length ?? 0) <= 300);
});

test('who subscribes hears of each change', () => {
  const { log, recorder } = newLog();
  const heard: string[] = [];
  const stop = log.subscribe(({ kind, stack, end }) =>
    heard.push(`${kind} ${stack?.verdict ?? '-'} ${end === null ? 'goes on' : 'over'}`),
  );
  const id = recorder.slow(taskSubject());
  recorder.addStack(id, stackReport());
  recorder.broken('deadline', taskSubject(), DEADLINE);
  stop();
  recorder.slow(taskSubject({ task: 10 }));
  assert.deepEqual(heard, ['slow - goes on', 'slow computing goes on', 'deadline computing over']);
});
