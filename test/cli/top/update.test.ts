import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StackReport } from '../../../src/diagnostics/stack-report.ts';
import type { Effect, Happening, Model } from '../../../src/cli/top/model.ts';
import { ORDERS } from '../../../src/cli/top/rows.ts';
import { update } from '../../../src/cli/top/update.ts';
import { after, busyWorker, key, modelOf, sampleState, sampleWorker, screenOf, STARTED_MS } from './sample-state.ts';

const workers = [sampleWorker(1), busyWorker(2, '/slow', 9000), busyWorker(3, '/fast', 20)];
const begin = modelOf(sampleState(workers));

const report: StackReport = {
  pid: 4002,
  worker: 2,
  takenAt: '2026-11-25T12:00:00.000Z',
  tookMs: 9,
  verdict: 'computing',
  summary: 'computing in isPrime (/srv/app.ts:17)',
  frames: [{ function: 'isPrime', file: '/srv/app.ts', line: 17, column: 3, origin: 'user' }],
  source: null,
  samples: [],
  resources: null,
  thread: null,
  cpuPercent: null,
};

/** The last model, and all effects but those that only draw. */
function press(model: Model, ...names: readonly string[]): { readonly model: Model; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  let current = model;
  for (const name of names) {
    const step = update(current, key(name), current.nowMs + 10);
    current = step.model;
    effects.push(...step.effects);
  }
  return { model: current, effects };
}

const ON_2 = { worker: 2, pid: 4002 };
const ON_3 = { worker: 3, pid: 4003 };

for (const [name, keys, effects] of [
  ['q quits', ['q'], [{ do: 'quit' }]],
  ['Ctrl-C quits', ['<C-c>'], [{ do: 'quit' }]],
  ['Ctrl-C quits out of a question', ['k', '<C-c>'], [{ do: 'quit' }]],
  ['Ctrl-C quits out of the filter', ['/', '<C-c>'], [{ do: 'quit' }]],
  ['Ctrl-Z goes back to the shell', ['<C-z>'], [{ do: 'suspend' }]],
  ['Ctrl-L draws anew', ['<C-l>'], [{ do: 'redraw' }]],
  ['t looks into the longest run', ['t'], [{ do: 'trace', ...ON_2 }]],
  ['Enter looks into the chosen one', ['<down>', '<return>'], [{ do: 'trace', ...ON_3 }]],
  ['p profiles', ['p'], [{ do: 'profile', ...ON_2 }]],
  ['r recycles', ['r'], [{ do: 'recycle', ...ON_2 }]],
  ['k alone kills nobody', ['k'], []],
  ['k and n kill nobody', ['k', 'n'], []],
  ['k and any other key kill nobody', ['k', '<return>', 'k', 'k', 'k', 'x'], []],
  ['k and y kill', ['k', 'y'], [{ do: 'kill', ...ON_2 }]],
  ['a key of the table does nothing in the filter but type', ['/', 'q', 'k', 'y'], []],
  ['a key closes the help and does no more', ['?', 'k', 'y'], []],
  ['q quits out of the help', ['h', 'q'], [{ do: 'quit' }]],
  ['an unknown key does nothing', ['x', '<f5>', '<C-q>'], []],
] as const)
  test(name, () => assert.deepEqual(press(begin, ...keys).effects, effects));

test('the question stays with its worker, wherever the row goes', () => {
  const asked = press(begin, 'k').model;
  assert.deepEqual(asked.mode, { at: 'kill', worker: 2, pid: 4002, what: 'which runs GET /slow' });
  const changed = after(asked, {
    event: 'state',
    data: sampleState([busyWorker(3, '/fast', 99_000), busyWorker(2, '/slow', 10_000)]),
  });
  assert.deepEqual(press(changed, 'y').effects, [{ do: 'kill', ...ON_2 }]);
});

test('nothing is asked of a server that is away, and without workers nothing at all', () => {
  const lost = after(begin, { event: 'lost', why: 'gone' });
  for (const model of [lost, modelOf(sampleState([]))]) assert.deepEqual(press(model, 't', 'p', 'r', 'k', 'y').effects, []);
});

test('s goes through all orders, S turns one around', () => {
  let model = begin;
  for (const order of [...ORDERS.slice(1), ORDERS[0]]) {
    model = press(model, 's').model;
    assert.equal(model.order, order);
  }
  assert.deepEqual(press(model, 'S').effects, []);
  assert.deepEqual([press(model, 'S').model.isReversed, press(model, 'S', 's').model.isReversed], [true, false]);
});

test('the filter takes effect as it is typed; Enter keeps it, Escape goes back', () => {
  const typed = press(begin, '/', 's', 'l', 'o', 'x', '<backspace>').model;
  assert.deepEqual([typed.mode.at, typed.filter], ['filter', 'slo']);
  const kept = press(typed, '<return>').model;
  assert.deepEqual([kept.mode.at, kept.filter], ['table', 'slo']);
  assert.equal(press(kept, '/', 'w', '<escape>').model.filter, 'slo');
  assert.equal(press(kept, '<escape>').model.filter, '');
  assert.equal(press(begin, '/', ...Array.from({ length: 500 }, () => 'x')).model.filter.length, 200);
});

test('the choice moves, stops at the ends, and stays with its worker when the order changes', () => {
  const choose = (...keys: string[]): number | null => press(begin, ...keys).model.chosen;
  assert.deepEqual(
    [
      choose(),
      choose('<down>'),
      choose('<end>'),
      choose('<down>', '<down>', '<down>', '<down>'),
      choose('<down>', '<up>', '<up>'),
      choose('<end>', '<home>'),
    ],
    [null, 3, 1, 1, 2, null],
  );
  const chosen = press(begin, '<down>').model;
  assert.equal(
    after(chosen, { event: 'state', data: sampleState([busyWorker(3, '/fast', 10_000), ...workers.slice(0, 2)]) }).chosen,
    3,
  );
});

test('when the chosen worker is gone, the one in its place is chosen', () => {
  const chosen = press(begin, '<down>').model;
  assert.equal(after(chosen, { event: 'state', data: sampleState(workers.slice(0, 2)) }).chosen, 1);
  const none = after(chosen, { event: 'state', data: sampleState([]) });
  assert.equal(press(none, 't').effects.length, 0);
});

test('200 workers scroll so that the chosen one is always seen', () => {
  const many = Array.from({ length: 200 }, (_each, index) => busyWorker(index + 1, `/t/${index + 1}/`, 100_000 - index));
  let model = modelOf(sampleState(many), { columns: 80, rows: 20 });
  const keys = [
    ...Array.from({ length: 210 }, () => '<down>'),
    ...Array.from({ length: 12 }, () => '<pageup>'),
    '<end>',
    '<home>',
    '<pagedown>',
  ];
  for (const name of keys) {
    model = press(model, name).model;
    const chosen = screenOf(model).filter((line) => line.startsWith('> '));
    assert.equal(chosen.length, 1, screenOf(model).join('\n'));
    assert.ok(chosen[0]?.includes(`/t/${model.chosen ?? 1}/`), chosen[0]);
  }
  const smaller = after(press(model, '<end>').model, { event: 'size', size: { columns: 60, rows: 13 } });
  assert.ok(
    screenOf(smaller).some((line) => line.startsWith('> ') && line.includes('/t/200/')),
    screenOf(smaller).join('\n'),
  );
});

test('a look is shown in its own pane, stays when the worker is gone, and closes by Escape', () => {
  const looking = press(begin, 't').model;
  assert.ok(screenOf(looking).includes('looking…'), screenOf(looking).join('\n'));
  const looked: Happening = { event: 'looked', worker: 2, look: { at: 'seen', report } };
  const seen = after(looking, looked, key('<down>'), { event: 'state', data: sampleState([sampleWorker(1)]) });
  const screen = screenOf(seen).join('\n');
  assert.match(screen, /worker 4002 \(w2\) is gone/);
  assert.match(screen, /computing in isPrime \(\/srv\/app\.ts:17\)/);
  assert.match(screen, /> at isPrime \/srv\/app\.ts:17:3/);
  assert.doesNotMatch(screenOf(press(seen, '<escape>').model).join('\n'), /isPrime/);
});

test('an answer about a worker that nobody looks at any more changes nothing', () => {
  const other = press(begin, '<down>', 't').model;
  const late = after(other, { event: 'looked', worker: 2, look: { at: 'seen', report } });
  assert.deepEqual(late.details?.look, { at: 'looking' });
});

test('a server that goes away is missed since the first time, and greeted when it is back', () => {
  const lost = after(
    begin,
    { event: 'lost', why: 'no server listens there' },
    { event: 'tick' },
    { event: 'lost', why: 'no server listens there' },
  );
  const screen = screenOf(lost).join('\n');
  assert.match(screen, /^gone /);
  assert.match(screen, /the server went away 2\.0s ago, looking for it: no server listens there/);
  const back = after(lost, { event: 'state', data: sampleState(workers) });
  assert.match(screenOf(back).join('\n'), /^serving .*\n[^]*the server is back/);
});

test('a server that is silent is called so', () => {
  const silent = after(begin, { event: 'tick' }, { event: 'tick' }, { event: 'tick' }, { event: 'tick' });
  assert.match(screenOf(silent)[0] ?? '', /^silent for 4\.0s /);
});

const at = '2026-11-25T12:00:00.000Z';
for (const [name, data, shown] of [
  [
    'a worker that ended',
    { type: 'worker:gone', worker: 2, pid: 4002, unexpected: true, reason: 'signal SIGSEGV' },
    /worker 4002 \(w2\) ended: signal SIGSEGV/,
  ],
  ['one that was asked to', { type: 'worker:gone', worker: 2, pid: 4002, unexpected: false, reason: 'recycled' }, /^$/],
  [
    'one that did not boot',
    { type: 'worker:boot-failed', worker: 2, pid: 4002, message: 'no luck\u001b[2J' },
    /did not boot: no luck\\u001b\[2J/,
  ],
  ['a pause of boots', { type: 'boots:paused', failures: 5, retryMs: 1000 }, /no worker boots: 5 failed/],
  ['the end of it', { type: 'boots:resumed' }, /workers boot again/],
  ['a notice', { type: 'server:notice', message: 'the handler prefers this' }, /the handler prefers this/],
  ['what is not known', { type: 'something:new', message: 'x' }, /^$/],
] as const)
  test(`the moment of ${name}`, () => {
    const told = after(begin, { event: 'moment', data: { at, ...data } });
    assert.match(screenOf(told).at(-2) ?? '', shown);
    // It was read by then.
    const later = update(told, { event: 'tick' }, told.nowMs + 60_000).model;
    assert.equal(screenOf(later).at(-2), '');
  });

test('the newest incident is told with its place, until another one comes', () => {
  const told = after(begin, {
    event: 'incident',
    data: {
      id: 'abcdefghijkl',
      kind: 'slow',
      group: 'g',
      at: new Date(STARTED_MS).toISOString(),
      mode: 'pool',
      worker: { id: 2, pid: 4002 },
      request: { task: 1, method: 'GET', url: '/slow', route: 'GET /slow' },
      figures: null,
      stack: report,
      lastWords: [],
      timeline: [],
      end: null,
    },
  });
  assert.equal(screenOf(told).at(-2), 'slow 2.0s ago: computing in isPrime (/srv/app.ts:17), in GET /slow');
});
