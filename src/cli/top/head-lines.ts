/** The upper part of the screen: the server, its queue, and what becomes of its tasks. */
import type { State, Totals, WorkerInfo } from '../../admin/api.ts';
import { shortBytes, shortDuration } from '../../text/figures.ts';
import { bar } from './bar.ts';
import { left, right } from './cells.ts';
import type { Model } from './model.ts';
import { type Rates, ratesOf } from './rates.ts';
import { type Line, line, lineWidth, piece, type Piece, type Tone } from './styled.ts';

/** The state comes twice a second: after this the primary is stopped, or the machine is. */
const SILENT_MS = 3000;
const LABEL_WIDTH = 9;

type Item = readonly (Piece | string)[];

/** The items that fit, in turn; one that does not is left out with all that follow. */
function inTurn(items: readonly Item[], width: number): Line {
  const kept: (Piece | string)[] = [];
  for (const item of items) {
    const longer = kept.length === 0 ? [...item] : [...kept, '  ', ...item];
    if (kept.length > 0 && lineWidth(line(...longer)) > width) break;
    kept.splice(0, kept.length, ...longer);
  }
  return line(...kept);
}

export function serverLines(model: Model, width: number): Line[] {
  const { state } = model;
  if (state === null) return [line(piece(model.link.at === 'lost' ? 'gone' : 'connecting', 'warning')), line(), line()];
  const { server } = state;
  const first = inTurn(
    [
      [linkPiece(model, state)],
      [piece(server.url, 'strong')],
      [`mode ${server.mode}`],
      [`pid ${server.pid}`],
      [`up ${shortDuration(Math.max(0, model.nowMs - Date.parse(server.startedAt)))}`],
      ...(server.generation > 1 ? [[`generation ${server.generation}`]] : []),
      [piece(`prefork ${server.version}`, 'quiet')],
      [piece(`node ${server.node}`, 'quiet')],
      [piece(server.entry, 'quiet')],
    ],
    width,
  );
  return [first, workersLine(state, width), queueLine(state, width)];
}

function linkPiece({ link, nowMs }: Model, { server }: State): Piece {
  if (link.at === 'lost') return piece('gone', 'bad');
  if (link.at === 'live' && nowMs - link.heardAtMs > SILENT_MS)
    return piece(`silent for ${shortDuration(nowMs - link.heardAtMs)}`, 'bad');
  return piece(server.state, server.state === 'serving' ? 'good' : 'warning');
}

function label(text: string): Piece {
  return piece(left(text, LABEL_WIDTH), 'quiet');
}

function workersLine({ server, workers }: State, width: number): Line {
  const counts = new Map<string, number>();
  for (const worker of workers) counts.set(stateWord(worker), (counts.get(stateWord(worker)) ?? 0) + 1);
  const words = ['hung', 'killing', 'busy', 'idle', 'starting', 'draining'].filter((word) => counts.has(word));
  return inTurn(
    [
      [label('workers'), piece(String(workers.length), 'strong')],
      ...words.map((word) => [piece(`${counts.get(word) ?? 0} ${word}`, toneOfWord(word))]),
      [piece('primary', 'quiet'), ` ${Math.round(server.cpuPercent)}% CPU`],
      [shortBytes(server.rssBytes)],
      ['delay ', piece(`${server.eventLoopDelayMs.toFixed(1)}ms`, server.eventLoopDelayMs > 200 ? 'bad' : 'plain')],
    ],
    width,
  );
}

function queueLine({ queue, workers, totals }: State, width: number): Line {
  const share = queue.limit > 0 ? queue.depth / queue.limit : 0;
  const waiting: Tone = share >= 0.9 ? 'bad' : queue.depth > 0 ? 'warning' : 'plain';
  const inLane = (lane: 'short' | 'long'): number =>
    workers.reduce((sum, worker) => sum + (worker.lane === lane ? worker.running : 0), 0);
  return inTurn(
    [
      // In mode cluster the workers accept by themselves.
      queue.limit === 0
        ? [label('queue'), 'none']
        : [label('queue'), ...bar(share, 8), piece(` ${queue.depth}`, waiting), ` of ${queue.limit}`],
      ...(queue.depth > 0 ? [[piece(`oldest ${shortDuration(queue.oldestMs)}`, waiting)]] : []),
      [piece('lanes', 'quiet'), ` ${inLane('short')} short`],
      [piece(`${inLane('long')} long`, inLane('long') > 0 ? 'warning' : 'plain')],
      [piece('incidents', 'quiet'), piece(` ${totals.incidents}`, totals.incidents > 0 ? 'warning' : 'plain')],
    ],
    width,
  );
}

/** A worker's state in a word; that it hangs matters more than what it was told. */
export function stateWord({ state, health }: WorkerInfo): string {
  return health === 'hung' && state !== 'killing' ? 'hung' : state;
}

export function toneOfWord(word: string): Tone {
  switch (word) {
    case 'hung':
    case 'killing':
      return 'bad';
    case 'busy':
      return 'good';
    case 'starting':
    case 'draining':
      return 'note';
    default:
      return 'quiet';
  }
}

type Ending = Exclude<keyof Totals, 'incidents'>;

/** The last ones are left out where the screen is narrow. */
const ENDINGS: readonly { readonly of: Ending; readonly title: string; readonly tone: Tone }[] = [
  { of: 'admitted', title: 'admitted', tone: 'plain' },
  { of: 'completed', title: 'completed', tone: 'plain' },
  { of: 'failed', title: 'failed', tone: 'bad' },
  { of: 'crashed', title: 'crashed', tone: 'bad' },
  { of: 'timedOut', title: 'timed out', tone: 'bad' },
  { of: 'rejected', title: 'rejected', tone: 'bad' },
  { of: 'cancelled', title: 'cancelled', tone: 'plain' },
];

export function totalsLines({ state, past }: Model, width: number): Line[] {
  if (state === null) return [line(), line(), line()];
  const columns = ENDINGS.filter((_each, index) => widthOfFirst(index + 1) <= width);
  const rates = ratesOf(past);
  const figures = (name: string, textOf: (of: Ending) => string, isWrong: (of: Ending) => boolean): Line =>
    line(
      label(name),
      ...columns.map(({ of, title, tone }, index) => {
        const wrong: Tone = isWrong(of) && tone === 'bad' ? 'bad' : 'plain';
        return piece(right(textOf(of), columnWidth(title, index)), wrong);
      }),
    );
  return [
    line(label('tasks'), ...columns.map(({ title }, index) => piece(right(title, columnWidth(title, index)), 'quiet'))),
    figures(
      'a second',
      (of) => rateText(rates, of),
      (of) => (rates?.[of] ?? 0) > 0,
    ),
    figures(
      'in all',
      (of) => countText(state.totals[of]),
      () => false,
    ),
  ];
}

function columnWidth(title: string, index: number): number {
  return title.length + (index === 0 ? 0 : 1);
}

function widthOfFirst(count: number): number {
  return ENDINGS.slice(0, count).reduce((sum, { title }, index) => sum + columnWidth(title, index), LABEL_WIDTH);
}

function rateText(rates: Rates | null, of: Ending): string {
  if (rates === null) return '-';
  const rate = rates[of];
  return rate === 0 || rate >= 9.95 ? String(Math.round(rate)) : rate.toFixed(1);
}

function countText(count: number): string {
  return count < 1_000_000 ? String(count) : `${(count / 1_000_000).toFixed(count < 10_000_000 ? 2 : 1)}M`;
}
