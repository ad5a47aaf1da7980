import assert from 'node:assert/strict';
import { test } from 'node:test';
import xterm from '@xterm/headless';
import type { WorkerInfo } from '../../../src/admin/api.ts';
import { lineWidth, paint, plainText } from '../../../src/cli/top/styled.ts';
import { snapshot, view } from '../../../src/cli/top/view.ts';
import { after, busyWorker, key, modelOf, sampleState, sampleWorker, screenOf, STARTED_MS } from './sample-state.ts';

const SIZES = [
  { columns: 60, rows: 20 },
  { columns: 80, rows: 24 },
  { columns: 119, rows: 25 },
  { columns: 200, rows: 60 },
  // Nothing to work with, and no reason to fail.
  { columns: 20, rows: 6 },
  { columns: 1, rows: 1 },
];

const HOSTILE = [
  '/plain',
  '/\u001b[2J\u001b]0;title\u0007\u001b[31m',
  `/${'x'.repeat(5000)}`,
  '/日本語/한국어/ｗｉｄｅ',
  '/e\u0301\u0302\u0303\u0304zalgo',
  '/\u202etxt.exe\u200b\ufeff',
  '/\r\n\tbreak\u0085\u2028',
  '/\ud800lone',
  '/👨‍👩‍👧‍👦/🏳️‍🌈',
];

function crowd(count: number): WorkerInfo[] {
  return Array.from({ length: count }, (_each, index) =>
    index % 3 === 0
      ? sampleWorker(index + 1, { state: 'starting', bootMs: null })
      : busyWorker(index + 1, HOSTILE[index % HOSTILE.length] ?? '', index * 1000, {
          pid: 4_000_000 + index,
          rssBytes: index * 37_000_000,
          cpuPercent: index * 7,
          lane: index % 2 === 0 ? 'long' : 'short',
          running: index % 5,
          health: index % 7 === 1 ? 'hung' : 'alive',
        }),
  );
}

/** What a real terminal shows of it, which wraps what is too long. */
async function onTerminal(text: string, columns: number, rows: number): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((written) => terminal.write(text, written));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: rows }, (_each, row) => active.getLine(row)?.translateToString(true) ?? '');
  terminal.dispose();
  return lines;
}

for (const size of SIZES)
  for (const count of [0, 1, 17, 200])
    test(`${size.columns}x${size.rows} with ${count} workers: as many lines as rows, none too wide, in every mode`, () => {
      const model = modelOf(sampleState(crowd(count), { queue: { depth: 60, limit: 64, oldestMs: 9000 } }), size);
      const models = [
        model,
        after(model, key('?')),
        after(model, key('/'), key('x')),
        after(model, key('k')),
        after(model, key('t')),
        after(model, { event: 'lost', why: 'y'.repeat(300) }),
      ];
      for (const each of models) {
        const lines = view(each);
        assert.equal(lines.length, size.rows);
        for (const line of lines) {
          assert.ok(lineWidth(line) <= size.columns, plainText(line));
          assert.doesNotMatch(plainText(line), /[\p{Cc}\p{Cf}\p{Cs}]/u);
        }
      }
    });

for (const hasColour of [true, false])
  test(`a terminal shows what was drawn, ${hasColour ? 'with' : 'without'} colours: no text of a request moves anything`, async () => {
    // Emoji are left out: terminals do not agree on their width, which is why a request is the last column.
    const workers = crowd(30).filter(({ task }) => task === null || !/\p{Extended_Pictographic}/u.test(task.url));
    const model = modelOf(sampleState(workers), { columns: 80, rows: 40 });
    const lines = view(model);
    const shown = await onTerminal(
      lines.map((line, row) => `\u001b[${row + 1};1H${paint(line, 80, hasColour)}`).join(''),
      80,
      40,
    );
    assert.deepEqual(
      shown.map((line) => line.trimEnd()),
      lines.map((line) => plainText(line).trimEnd()),
    );
  });

test('without colours there is no colour, and what is bad or chosen still stands out', () => {
  const state = sampleState([busyWorker(1, '/a', 9000), sampleWorker(2, { health: 'hung', state: 'busy' })]);
  const painted = view(modelOf(state))
    .map((line) => paint(line, 100, false))
    .join('\n');
  // oxlint-disable-next-line no-control-regex
  const codes = new Set(Array.from(painted.matchAll(/\u001b\[([\d;]*)m/g), ([, code]) => code));
  assert.deepEqual(
    [...codes].map(Number).toSorted((a, b) => a - b),
    [0, 1, 2, 7],
  );
  assert.ok(painted.includes('\u001b[1m1 hung'));
});

test('the columns stand where their headings are, at each width', () => {
  for (const { columns, rows } of SIZES.slice(0, 4)) {
    const screen = screenOf(
      modelOf(sampleState([busyWorker(1, '/日本', 65_000, { rssBytes: 1023 * 1024 * 1024, cpuPercent: 1600 })]), {
        columns,
        rows,
      }),
    );
    const heading = screen.find((line) => line.includes('PID')) ?? '';
    const row = screen.find((line) => line.startsWith('> ')) ?? '';
    const end = (text: string, word: string): number => text.indexOf(word) + word.length;
    assert.equal(row.indexOf('4001'), heading.indexOf('PID'));
    assert.equal(row.indexOf('busy'), heading.indexOf('STATE'));
    assert.equal(end(row, '1023MB'), end(heading, 'MEMORY'));
    assert.equal(end(row, '1m05s'), end(heading, 'RUN'));
    assert.equal(row.indexOf('GET'), heading.indexOf('REQUEST'));
    assert.match(row, /████ 160?0?[%…]/);
  }
});

test('60 columns have the state, both bars, the run time and the begin of the request', () => {
  const state = sampleState([busyWorker(1, '/report', 1500, { cpuPercent: 50 })]);
  const screen = screenOf(modelOf(state, { columns: 60, rows: 20 }));
  assert.match(screen.join('\n'), /^> 4001 +busy +██·· +50% ██·· +60MB +1\.5s GET \/repo/m);
});

test('the totals are a second and in all; those of the second that are wrong stand out', () => {
  const first = sampleState([]);
  const totals = { ...first.totals, admitted: 120, completed: 100, crashed: 20 };
  const model = after(modelOf(first), { event: 'state', data: { ...first, totals } });
  const lines = view(model);
  const [heading, second, all] = lines.slice(3, 6).map((line) =>
    plainText(line)
      .slice(9)
      .trim()
      .split(/\s+(?!out)/),
  );
  assert.deepEqual(heading, ['admitted', 'completed', 'failed', 'crashed', 'timed out', 'rejected', 'cancelled']);
  assert.deepEqual(second, ['120', '100', '0', '20', '0', '0', '0']);
  assert.deepEqual(all, ['120', '100', '0', '20', '0', '0', '0']);
  assert.deepEqual(
    lines[4]?.pieces.filter(({ tone }) => tone === 'bad').map(({ text }) => text.trim()),
    ['20'],
  );
});

test('a narrow screen has the column that its rows are sorted by', () => {
  const model = modelOf(sampleState([sampleWorker(1, { served: 4711 })]), { columns: 60, rows: 20 });
  assert.doesNotMatch(screenOf(model).join('\n'), /SERVED/);
  const sorted = after(model, ...['s', 's', 's', 's'].map(key));
  assert.match(screenOf(sorted).join('\n'), /SERVED[^]*4711/);
});

test('threads, which share a pid, go by their id', () => {
  const screen = screenOf(modelOf(sampleState([sampleWorker(3, { kind: 'thread' })]), { columns: 60, rows: 20 }));
  assert.match(screen.join('\n'), /^> w3 +idle/m);
});

test('a server without a queue says so', () => {
  const state = sampleState([sampleWorker(1)], { queue: { depth: 0, limit: 0, oldestMs: 0 } });
  assert.match(screenOf(modelOf(state))[2] ?? '', /^queue {4}none {2}lanes /);
});

test('an empty table says why', () => {
  const blocking = sampleState([]);
  const mode = { ...blocking, server: { ...blocking.server, mode: 'blocking' } };
  assert.match(screenOf(modelOf(mode)).join('\n'), /no workers: in mode blocking the primary runs all tasks/);
  const filtered = after(modelOf(sampleState([sampleWorker(1)])), key('/'), key('x'), key('<return>'));
  assert.match(screenOf(filtered).join('\n'), /none of 1 workers matches the filter x/);
});

test('a snapshot has every worker, its whole request, and no bar', () => {
  const long = `/${'x'.repeat(300)}`;
  const text = snapshot(sampleState([...crowd(200), busyWorker(900, long, 5)]), [], STARTED_MS + 1000);
  assert.equal(text.split('\n').length, 3 + 3 + 2 + 201);
  assert.ok(text.includes(long));
  assert.doesNotMatch(text, /[█▌]|[^\n\P{Cc}]/u);
  assert.match(text, /^serving {2}http:\/\/127\.0\.0\.1:3000 {2}mode pool {2}pid 77 {2}up 1\.0s /);
});
