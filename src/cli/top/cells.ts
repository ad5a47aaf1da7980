/** Text measured in the cells of a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';
import { printable } from '../../text/printable.ts';

const ELLIPSIS = '…';
/** What has no width and no look: joiners, variation selectors, halves of characters. Shown by its number, or it could hide something. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Co}]/gu;
const MARK = /^[\p{Mn}\p{Me}\u1160-\u11ff]$/u;
/** Marks without a letter before them, and those that pile up over the lines above. */
const STRAY_MARKS = /(^|[\p{Mn}\p{Me}]{2})([\p{Mn}\p{Me}]+)/gu;
const ASCII = /^[\u0020-\u007e]*$/;

/** Text of anybody on one line, in which nothing moves the cursor, hides, or stacks. */
export function oneLine(text: string): string {
  const flat = text.replace(/\s*\n\s*/g, ' ');
  if (ASCII.test(flat)) return flat;
  return printable(flat)
    .replace(INVISIBLE, escape)
    .replace(STRAY_MARKS, (_whole, before: string, marks: string) => before + Array.from(marks, escape).join(''));
}

/** How many cells a text of `oneLine` takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** Cut to at most that many cells; where something is missing, the last cell says so. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += widthOfCharacter(character);
    if (used > width - 1) break;
    kept += character;
  }
  return kept + ELLIPSIS;
}

/** The same with the end of the text kept: of a path it tells more than the begin. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of Array.from(text).toReversed()) {
    used += widthOfCharacter(character);
    if (used > width - 1) break;
    kept = character + kept;
  }
  return ELLIPSIS + kept;
}

/** The text in lines of at most that many cells, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (widthOf(longer) <= width) {
      current = longer;
      continue;
    }
    if (current !== '') lines.push(current);
    current = word;
  }
  return [...lines, current];
}

/** Exactly that many cells, the text to the left. */
export function left(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

/** Exactly that many cells, the text to the right. */
export function right(text: string, width: number): string {
  const shown = cut(text, width);
  return ' '.repeat(Math.max(0, width - widthOf(shown))) + shown;
}

function widthOfCharacter(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x300) return 1;
  return MARK.test(character) ? 0 : eastAsianWidth(point);
}

function escape(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
