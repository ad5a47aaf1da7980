import type { State } from '../../admin/api.ts';
import { shortBytes } from '../../text/figures.ts';
import { left } from './cells.ts';
import { type Line, line, piece } from './styled.ts';
import { fullBytesOf } from './worker-table.ts';

/** What each key does. The help of the command and docs/reference/cli.md show it too. */
export const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['arrows, PgUp, PgDn, Home, End', 'choose a worker; Home: whichever is first'],
  ['t, Enter', 'trace it: where it is now; Esc closes'],
  ['p', 'record a CPU profile of it for 5 seconds'],
  ['k', 'kill it, after a question'],
  ['r', 'recycle it: it finishes its task first'],
  ['s, S', 'next order of the rows; turn it around'],
  ['/', 'show only what matches all words; Esc ends it'],
  ['Ctrl-L, Ctrl-Z', 'draw anew; back to the shell'],
  ['q, Ctrl-C', 'quit'],
];

const KEY_WIDTH = 15;

export function helpLines(state: State | null): Line[] {
  return [
    line(piece('prefork top', 'strong'), ': what the server and its workers do'),
    line(),
    ...KEYS.map(([key, what]) =>
      // The longest would take half of a narrow screen.
      line(piece(left(key.replace('arrows, PgUp, PgDn, Home, End', 'arrows, PgDn…'), KEY_WIDTH), 'strong'), what),
    ),
    line(),
    line('CPU: a full bar is one CPU. MEMORY: a full bar is ', shortBytes(fullBytesOf(state?.workers ?? [])), '.'),
    line('DELAY: how long its event loop has not turned.'),
    line(
      piece('busy', 'good'),
      ' runs a task, ',
      piece('busy', 'warning'),
      ' one of the long lane, ',
      piece('hung', 'bad'),
      ' does not',
    ),
    line('answer. A run time of 5 s and more is ', piece('marked', 'warning'), '.'),
  ];
}
