/** The last lines of the screen: what there is to say, and the keys. */
import type { Incident } from '../../diagnostics/incident.ts';
import { shortDuration } from '../../text/figures.ts';
import type { Model } from './model.ts';
import { type Line, line, piece, type Piece } from './styled.ts';

export function messageLine(model: Model): Line {
  const { mode, link, notice, incident, nowMs } = model;
  if (mode.at === 'kill')
    // The answer first: what runs may be long.
    return line(piece(`kill worker ${mode.pid} (w${mode.worker})? y or n: `, 'bad'), mode.what);
  if (mode.at === 'filter') return line(piece('filter: ', 'strong'), `${model.filter}_`);
  if (link.at === 'lost')
    return line(piece(`the server went away ${shortDuration(nowMs - link.sinceMs)} ago, looking for it: `, 'bad'), link.why);
  if (notice !== null) return line(piece(notice.text, notice.tone));
  if (incident !== null) return incidentLine(incident, nowMs);
  return line();
}

function incidentLine({ kind, at, request, stack, lastWords, end }: Incident, nowMs: number): Line {
  const age = `${shortDuration(Math.max(0, nowMs - Date.parse(at)))} ago: `;
  const task = request === null ? '' : `, in ${request.method} ${request.url}`;
  const why = stack?.summary ?? lastWords[0] ?? end?.how ?? '';
  return line(piece(`${kind} `, 'warning'), piece(age, 'quiet'), why, piece(task, 'quiet'));
}

interface Hint {
  readonly key: string;
  readonly text: string;
}

/** The last two are never left out. */
export function keysLine(model: Model, width: number): Line {
  switch (model.mode.at) {
    case 'kill':
      return hints(
        [
          { key: 'y', text: 'kill it' },
          { key: 'n', text: 'let it be' },
        ],
        width,
      );
    case 'filter':
      return hints(
        [
          { key: 'Enter', text: 'keep' },
          { key: 'Esc', text: 'as before' },
        ],
        width,
      );
    case 'help':
      return hints(
        [
          { key: 'any key', text: 'back' },
          { key: 'q', text: 'quit' },
        ],
        width,
      );
    case 'table':
      return hints(tableHints(model), width);
  }
}

function tableHints({ order, isReversed, filter, details }: Model): Hint[] {
  return [
    { key: 't', text: 'trace' },
    { key: 'p', text: 'profile' },
    { key: 'k', text: 'kill' },
    { key: 'r', text: 'recycle' },
    { key: 's', text: `sort:${order}${isReversed ? ' up' : ''}` },
    { key: '/', text: filter === '' ? 'filter' : `filter:${filter}` },
    ...(details === null ? [] : [{ key: 'Esc', text: 'close' }]),
    { key: '?', text: 'help' },
    { key: 'q', text: 'quit' },
  ];
}

function hints(all: readonly Hint[], width: number): Line {
  const last = all.slice(-2);
  let shown: readonly Hint[] = last;
  for (let count = 1; count <= all.length - 2; count += 1) {
    const more = [...all.slice(0, count), ...last];
    if (lengthOf(more) > width) break;
    shown = more;
  }
  return line(
    ...shown.flatMap(({ key, text }, index): Piece[] => [
      piece(`${index === 0 ? '' : '  '}${key}`, 'strong'),
      piece(` ${text}`, 'quiet'),
    ]),
  );
}

function lengthOf(all: readonly Hint[]): number {
  return all.reduce((sum, { key, text }) => sum + key.length + text.length + 3, -2);
}
