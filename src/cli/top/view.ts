/** The whole screen of a model: as many lines as it has rows, each to be painted within its columns. */
import type { State } from '../../admin/api.ts';
import { detailsLines } from './details-lines.ts';
import { keysLine, messageLine } from './foot-lines.ts';
import { serverLines, totalsLines } from './head-lines.ts';
import { helpLines } from './help-lines.ts';
import { layoutOf } from './layout.ts';
import { chosenIndex, initialModel, type Model, rowsOf } from './model.ts';
import { remember, type Sample } from './rates.ts';
import { fit, type Line, line, lineWidth, piece, plainText } from './styled.ts';
import { fullBytesOf, headingLine, type TableLook, workerLine } from './worker-table.ts';

/** Of lines that go to a file or another command. */
const PLAIN_WIDTH = 160;
const LONGEST_REQUEST = 1000;

export function view(model: Model): Line[] {
  const { columns, rows } = model.size;
  const layout = layoutOf(model);
  const body = rows - layout.foot;
  const upper =
    model.mode.at === 'help'
      ? exactly(helpLines(model.state), body)
      : [
          ...exactly(serverLines(model, columns), layout.server),
          ...exactly(totalsLines(model, columns), layout.totals),
          ...tableLines(model, layout.headings, layout.table),
          ...(model.details === null ? [] : exactly(detailsLines(model.details, columns, layout.details), layout.details)),
        ];
  const foot = [messageLine(model), keysLine(model, columns)].slice(-layout.foot);
  // The question is never left out.
  const shownFoot = layout.foot === 1 && model.mode.at === 'kill' ? [messageLine(model)] : foot;
  return [...exactly(upper, body), ...shownFoot].slice(0, rows).map((each) => fit(each, columns));
}

/** The same for whoever has no terminal: all workers, nothing cut but what is endless. */
export function snapshot(state: State, past: readonly Sample[], nowMs: number): string {
  const empty = initialModel({ columns: PLAIN_WIDTH, rows: 0 }, nowMs);
  const model: Model = { ...empty, state, past: remember(past, state, nowMs), link: { at: 'live', heardAtMs: nowMs } };
  const look = { ...tableLook(model), hasBars: false };
  const workers = rowsOf(model).map((worker) => fit(workerLine(worker, look), PLAIN_WIDTH + LONGEST_REQUEST));
  const lines = [...serverLines(model, PLAIN_WIDTH), ...totalsLines(model, PLAIN_WIDTH), line(), headingLine(look), ...workers];
  return lines.map((each) => plainText(each).trimEnd()).join('\n');
}

function tableLook(model: Model): TableLook {
  const workers = model.state?.workers ?? [];
  return { width: model.size.columns, hasBars: true, fullBytes: fullBytesOf(workers), order: model.order };
}

function tableLines(model: Model, headings: number, count: number): Line[] {
  const look = tableLook(model);
  const rows = rowsOf(model);
  const chosen = chosenIndex(model, rows);
  const shown = rows
    .slice(model.first, model.first + count)
    .map((worker, index) => workerLine(worker, look, model.first + index === chosen));
  const lines = rows.length === 0 && model.state !== null ? [emptyLine(model)] : shown;
  // A wait for the server is no time to look at figures as if they were fresh.
  const table = model.link.at === 'lost' ? lines.map(quiet) : lines;
  const heading = withPosition(headingLine(look), model, rows.length, count);
  return [...(headings === 2 ? [line()] : []), ...(headings > 0 ? [heading] : []), ...exactly(table, count)];
}

function emptyLine({ filter, state }: Model): Line {
  const all = state?.workers.length ?? 0;
  if (all > 0) return line(piece(`  none of ${all} workers matches the filter ${filter}; Esc ends it`, 'warning'));
  const why = state?.server.mode === 'blocking' ? 'no workers: in mode blocking the primary runs all tasks' : 'no workers';
  return line(piece(`  ${why}`, 'quiet'));
}

/** Says which rows are shown, where there are more; on a narrow screen in place of the last heading. */
function withPosition(heading: Line, { first, size }: Model, all: number, count: number): Line {
  if (all <= count) return heading;
  const position = `${first + 1}-${Math.min(all, first + count)}/${all}`;
  const room = size.columns - position.length;
  const hasRoom = lineWidth(heading) < room;
  const { pieces } = hasRoom ? heading : { pieces: heading.pieces.slice(0, -1) };
  const gap = ' '.repeat(Math.max(0, room - lineWidth({ pieces })));
  return { pieces: [...pieces, piece(gap + position, 'note')] };
}

function quiet(of: Line): Line {
  return { pieces: of.pieces.map(({ text }) => ({ text, tone: 'quiet' })) };
}

function exactly(lines: readonly Line[], count: number): Line[] {
  return Array.from({ length: Math.max(0, count) }, (_each, index) => lines[index] ?? line());
}
