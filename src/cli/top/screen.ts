/**
 * The terminal as long as `top` has it: raw keys, the alternate screen, and its own look back again whatever ends us. Writes to a terminal
 * are synchronous on Linux, so that the last ones are out before the process is.
 */
import { emitKeypressEvents, type Key as ReadlineKey } from 'node:readline';
import type { Key, Size } from './model.ts';
import { type Line, paint } from './styled.ts';

/** The alternate screen, no wrapping of what turns out wider than thought, no cursor, nothing on it. */
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know them show nothing of a frame before all of it is there; the others pass over them. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';
const FALLBACK: Size = { columns: 80, rows: 24 };

export interface ScreenParts {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly hasColour: boolean;
}

export class Screen {
  readonly #parts: ScreenParts;
  readonly #onKey: (text: string | undefined, key: ReadlineKey) => void;
  #isOurs = false;
  /** What each row shows. */
  #shown: string[] = [];

  constructor(parts: ScreenParts, onKey: (key: Key) => void) {
    this.#parts = parts;
    this.#onKey = (text, key) => onKey(toKey(text, key));
    emitKeypressEvents(parts.input);
  }

  get size(): Size {
    const { columns, rows } = this.#parts.output;
    // A terminal that was never told its size says 0.
    return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK;
  }

  /** Also when it is ours by what we know: whoever had it meanwhile may have left it in another state. */
  enter(): void {
    const { input, output } = this.#parts;
    // Without the first, it would be taken for raw already, and not be set.
    input.setRawMode(false);
    input.setRawMode(true);
    if (!this.#isOurs) input.on('keypress', this.#onKey);
    this.#isOurs = true;
    input.resume();
    output.write(ENTER);
    this.#shown = [];
  }

  leave(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    const { input, output } = this.#parts;
    input.off('keypress', this.#onKey);
    output.write(LEAVE);
    input.setRawMode(false);
    input.pause();
  }

  /** The next frame is drawn in full. */
  forget(): void {
    if (this.#isOurs) this.#parts.output.write('\u001b[2J');
    this.#shown = [];
  }

  draw(lines: readonly Line[], { columns }: Size): void {
    const { output, hasColour } = this.#parts;
    // One that does not keep up gets the next frame in place of all of them.
    if (!this.#isOurs || output.writableNeedDrain) return;
    const painted = lines.map((line) => paint(line, columns, hasColour));
    const changed = painted.flatMap((text, row) =>
      // Cleared first: at the end of a full line the cursor is on its last cell, and clearing would take that.
      text === this.#shown[row] ? [] : [`\u001b[${row + 1};1H\u001b[2K${text}`],
    );
    this.#shown = painted;
    if (changed.length > 0) output.write(`${BEGIN_FRAME}${changed.join('')}${END_FRAME}`);
  }
}

function toKey(text: string | undefined, { name, ctrl, meta, sequence }: ReadlineKey): Key {
  const isTyped = text !== undefined && ctrl !== true && meta !== true && text === sequence && !/\p{Cc}/u.test(text);
  return { name: name ?? '', text: isTyped ? text : '', ctrl: ctrl === true };
}
