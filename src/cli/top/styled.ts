/** Lines made of pieces with a meaning; what a meaning looks like is decided once, when a line is painted. */
import { cut, oneLine, widthOf } from './cells.ts';

export type Tone = 'plain' | 'quiet' | 'strong' | 'good' | 'note' | 'warning' | 'bad' | 'bar';

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

export interface Line {
  readonly pieces: readonly Piece[];
  /** The line that the keys act on. */
  readonly chosen?: boolean;
}

/** Beside a colour, what is bad is bold: NO_COLOR takes the colours alone. */
const COLOURS: Readonly<Record<Tone, string>> = {
  plain: '',
  quiet: '2',
  strong: '1',
  good: '32',
  note: '36',
  warning: '33',
  bad: '1;31',
  bar: '34',
};
const WITHOUT_COLOUR: Readonly<Record<Tone, string>> = { ...COLOURS, good: '', note: '', warning: '1', bad: '1', bar: '' };

export function piece(text: string, tone: Tone = 'plain'): Piece {
  return { text: oneLine(text), tone };
}

export function line(...pieces: readonly (Piece | string)[]): Line {
  return { pieces: pieces.map((each) => (typeof each === 'string' ? piece(each) : each)) };
}

/** The line cut to that many cells. */
export function fit({ pieces, ...rest }: Line, width: number): Line {
  const kept: Piece[] = [];
  let room = width;
  for (const each of pieces) {
    if (room <= 0) break;
    const text = cut(each.text, room);
    kept.push({ ...each, text });
    if (text !== each.text) break;
    room -= widthOf(text);
  }
  return { ...rest, pieces: kept };
}

export function plainText({ pieces }: Line): string {
  return pieces.map(({ text }) => text).join('');
}

export function lineWidth(of: Line): number {
  return widthOf(plainText(of));
}

/** With the escape sequences of a terminal, in this width; ends with none in force. */
export function paint(of: Line, width: number, hasColour: boolean): string {
  const tones = hasColour ? COLOURS : WITHOUT_COLOUR;
  const fitted = fit(of, width);
  if (of.chosen === true) {
    // In one look over the whole width: colours would be hard to read on it.
    const text = plainText(fitted);
    return `\u001b[7m${text}${' '.repeat(Math.max(0, width - widthOf(text)))}\u001b[0m`;
  }
  return fitted.pieces.map(({ text, tone }) => (tones[tone] === '' ? text : `\u001b[${tones[tone]}m${text}\u001b[0m`)).join('');
}
