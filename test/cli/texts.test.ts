import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State, WorkerInfo } from '../../src/admin/api.ts';
import { groupsText, incidentText } from '../../src/cli/incidents.ts';
import { processTable } from '../../src/cli/ps.ts';
import { statusText } from '../../src/cli/status.ts';
import { table } from '../../src/cli/table.ts';
import { stackReportText } from '../../src/cli/trace.ts';
import type { Incident } from '../../src/diagnostics/incident.ts';
import type { StackFrame, StackReport } from '../../src/diagnostics/stack-report.ts';

const IDLE: WorkerInfo = {
  id: 2,
  pid: 4712,
  kind: 'process',
  state: 'idle',
  lane: null,
  served: 1200,
  startedAt: '2026-01-02T03:04:05.000Z',
  bootMs: 120,
  rssBytes: 60 * 2 ** 20,
  cpuPercent: 0.4,
  eventLoopDelayMs: 0.3,
  health: 'alive',
  generation: 1,
  task: null,
  running: 0,
};

const HUNG: WorkerInfo = {
  ...IDLE,
  id: 1,
  pid: 471,
  state: 'busy',
  lane: 'long',
  served: 7,
  cpuPercent: 99.6,
  eventLoopDelayMs: 64_000,
  health: 'hung',
  task: { id: 9, method: 'GET', url: '/a\u001b[2J\u202e', startedAt: '2026-01-02T03:05:05.000Z', runMs: 65_000 },
  running: 3,
};

const STATE: State = {
  server: {
    pid: 4000,
    mode: 'pool',
    version: '0.1.0',
    node: 'v20.20.0',
    startedAt: '2026-01-02T03:04:05.000Z',
    url: 'http://127.0.0.1:3000',
    state: 'serving',
    entry: '/app/server\u001b[2J.ts',
    generation: 2,
    rssBytes: 64 * 2 ** 20,
    cpuPercent: 12,
    eventLoopDelayMs: 0.44,
  },
  workers: [HUNG, IDLE],
  queue: { depth: 3, limit: 64, oldestMs: 1200 },
  lanes: {
    running: { short: 1, long: 2, overstaying: 1, connections: 0 },
    waiting: { short: 1, long: 2 },
    totals: {
      demoted: 5,
      requeued: 1,
      overstayed: 2,
      expectedLong: 3,
      retried: 0,
      rejected: { queueFull: 0, overloaded: 4, queueTimeout: 0, longLaneFull: 1, noWorker: 0, closing: 0 },
    },
  },
  totals: { admitted: 20, completed: 10, failed: 2, crashed: 1, timedOut: 3, cancelled: 1, rejected: 1, incidents: 4 },
};

test('ps: a line a worker in columns, and nothing that a terminal obeys', () => {
  assert.deepEqual(processTable(STATE).split('\n'), [
    'PID   ID  MODE  STATE  HEALTH  LANE    RUN   CPU   RSS  DELAY  SERVED  TASK',
    String.raw`471   w1  pool  busy   hung    long  1m05s  100%  60MB  1m04s       7  GET /a\u001b[2J\u202e (and 2 more)`,
    '4712  w2  pool  idle   alive   -         -    0%  60MB    0ms    1200  -',
  ]);
  assert.equal(processTable({ ...STATE, workers: [] }).split('\n').length, 1);
});

test('a table keeps each row on its line: in a terminal it is cut, and no character in two', () => {
  const rows = [
    ['12', 'x\ny'],
    ['7', 'a😀bcdefgh'],
  ];
  assert.deepEqual(table([' N', 'WHAT'], rows, 9).split('\n'), [' N  WHAT', '12  x y', ' 7  a😀bc…']);
  assert.deepEqual(table([' N', 'WHAT'], rows, 1).split('\n'), ['…', '…', '…']);
  assert.equal(table([' N', 'WHAT'], [['1', 'x'.repeat(1000)]]).split('\n')[1]?.length, 1003);
});

test('status: the server in words, with what is wrong', () => {
  assert.deepEqual(statusText(STATE, Date.parse('2026-01-02T05:04:35.000Z')).split('\n'), [
    'http://127.0.0.1:3000 serving, mode pool, pid 4000, up 2h00m, prefork 0.1.0, node v20.20.0',
    String.raw`code      /app/server\u001b[2J.ts, generation 2`,
    'primary   12% CPU, 64MB, event loop delay p99 0.4ms',
    'workers   2: 1 busy, 1 idle; 1 in the long lane; 1 hung',
    'queue     3 of 64, the oldest for 1.2s',
    'tasks     20 taken: 10 completed, 2 failed, 1 lost to a crash, 3 at their deadline, 1 cancelled, 1 turned away',
    'lanes     1 short, 2 long, 1 on reserved workers; 2 wait for the long one; since the start: 5 demoted, 3 long from the start, 1 stopped and queued for the long lane, 2 kept a reserved worker',
    'refused   4 CPUs overloaded, 1 long lane full',
    'incidents 4',
  ]);
  const calm = { ...STATE, workers: [], queue: { depth: 0, limit: 0, oldestMs: 0 } };
  // A clock that was set back is no reason to say that it has run for less than nothing.
  const lines = statusText(calm, 0).split('\n');
  assert.match(String(lines[0]), /, up 0ms, /);
  assert.deepEqual([lines[3], lines[4]], ['workers   0', 'queue     0 of 0']);
});

function frame(name: string, origin: StackFrame['origin'], file = `/app/${origin}.ts`): StackFrame {
  return { function: name, file, line: 3, column: 7, origin };
}

const REPORT: StackReport = {
  pid: 471,
  worker: 1,
  takenAt: '2026-01-02T03:04:05.678Z',
  tookMs: 25,
  verdict: 'computing',
  summary: 'computing in spin (server.ts:3), for 3 of 3 samples',
  frames: [
    frame('parse', 'dependency'),
    frame('spin', 'user'),
    frame('emit', 'node', 'node:events'),
    frame('\u001b[2Jmain', 'user'),
    frame('run', 'prefork'),
    frame('push', 'node', 'node:internal/x'),
  ],
  source: { file: '/app/user.ts', line: 3, text: '\t  for (;;) x += 1;\t' },
  samples: [],
  resources: { Timeout: 1, TCPSocketWrap: 2 },
  thread: { state: 'R', waitChannel: null, systemCall: null },
  cpuPercent: 98.6,
};

test('trace: what it does, the line, the stack as far as the code of the user goes, and the facts', () => {
  assert.deepEqual(stackReportText(REPORT).split('\n'), [
    'worker 471 (w1): computing in spin (server.ts:3), for 3 of 3 samples',
    '',
    '  /app/user.ts:3',
    '  > for (;;) x += 1;',
    '',
    '  at parse (/app/dependency.ts:3:7)',
    '> at spin (/app/user.ts:3:7)',
    '  at emit (node:events:3:7)',
    String.raw`> at \u001b[2Jmain (/app/user.ts:3:7)`,
    '  called by 2 frames of prefork and Node (--json has them)',
    '',
    'CPU       99% of one CPU while it was looked at',
    'waits for 1 Timeout, 2 TCPSocketWrap',
    'thread    state R',
  ]);
});

const BARE = { ...REPORT, source: null, resources: null, thread: null, cpuPercent: null };

const FRAMES: readonly [string, readonly StackFrame[], readonly string[]][] = [
  ['none', [], []],
  [
    'one below',
    [frame('a', 'user'), frame('b', 'node')],
    ['> at a (/app/user.ts:3:7)', '  called by 1 frame of prefork and Node (--json has them)'],
  ],
  ['none below', [frame('a', 'user')], ['> at a (/app/user.ts:3:7)']],
  ['nobody but Node', [frame('a', 'node')], ['  at a (/app/node.ts:3:7)']],
];

for (const [what, frames, lines] of FRAMES) {
  test(`trace: the frames when there are ${what}`, () => {
    const [head, ...rest] = stackReportText({ ...BARE, frames }).split('\n');
    assert.equal(head, `worker 471 (w1): ${REPORT.summary}`);
    assert.deepEqual(rest.slice(1), lines);
  });
}

test('trace: in native code /proc speaks, and waiting says for what', () => {
  const thread = { state: 'S', waitChannel: 'futex_wait', systemCall: 'futex' };
  const native = stackReportText({ ...BARE, frames: [], verdict: 'native', thread });
  assert.match(native, /\nthread {4}state S, system call futex, waits in futex_wait$/);
  const never = stackReportText({ ...BARE, frames: [], verdict: 'waiting', resources: {} });
  assert.match(never, /\nwaits for nothing: what it waits for will never come$/);
});

const INCIDENT: Incident = {
  id: 'abcdefghijk0',
  kind: 'deadline',
  group: 'g',
  at: '2026-01-02T03:04:05.678Z',
  mode: 'pool',
  worker: { id: 1, pid: 471 },
  request: { task: 7, method: 'GET', url: '/report?x=\u001b[2J', route: 'GET /report' },
  figures: { runMs: 30_000, queueMs: 5, cpuMs: 29_500, rssBytes: 2 ** 30, eventLoopDelayMs: null },
  stack: { ...BARE, frames: [frame('spin', 'user')] },
  lastWords: ['\u001b[31mred'],
  timeline: [
    { atMs: 0, what: 'queued' },
    { atMs: 5, what: 'started' },
    { atMs: 30_005, what: 'killed' },
  ],
  end: { at: '2026-01-02T03:04:35.678Z', how: 'killed at the deadline', status: 504, exitCode: null, signal: 'SIGKILL' },
};

test('incidents ID: all that is known, and nothing that a terminal obeys', () => {
  assert.deepEqual(incidentText(INCIDENT).split('\n'), [
    'incident abcdefghijk0: deadline, 2026-01-02T03:04:05.678Z, mode pool',
    String.raw`request   GET /report?x=\u001b[2J (task 7, kind GET /report)`,
    'worker    471 (w1)',
    'figures   ran for 30s after 5ms in the queue, 30s of CPU, 1.0GB',
    'timeline  queued 0ms → started 5ms → killed 30s',
    'end       killed at the deadline (2026-01-02T03:04:35.678Z)',
    '',
    `worker 471 (w1): ${REPORT.summary}`,
    '',
    '> at spin (/app/user.ts:3:7)',
    '',
    'last words on stderr',
    String.raw`  \u001b[31mred`,
  ]);
  const bare = { ...INCIDENT, worker: null, request: null, figures: null, stack: null, lastWords: [], timeline: [], end: null };
  assert.deepEqual(incidentText(bare).split('\n'), [
    'incident abcdefghijk0: deadline, 2026-01-02T03:04:05.678Z, mode pool',
    'end       it goes on',
  ]);
});

test('incidents: a line a cause', () => {
  const group = { group: 'g', kind: 'slow' as const, title: 'GET /a ran long', count: 12, firstAt: '2026-01-02T03:04:05.000Z' };
  const groups = [{ ...group, lastAt: '2026-01-02T03:05:05.000Z', ids: ['abcdefghijk0'] }];
  const nowMs = Date.parse('2026-01-02T03:05:15.000Z');
  assert.deepEqual(groupsText({ groups, incidents: [], dropped: 3 }, nowMs).split('\n'), [
    'COUNT     LAST  KIND  NEWEST        WHAT',
    '   12  10s ago  slow  abcdefghijk0  GET /a ran long',
    '3 more are counted, and kept no longer',
  ]);
  assert.equal(groupsText({ groups: [], incidents: [], dropped: 0 }, nowMs), 'no incident so far');
});
