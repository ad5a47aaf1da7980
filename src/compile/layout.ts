/** A place in compiled code, and the line and column in the source (from 0) that it came from. */
export interface Origin {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Start (included) and end (not included) in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Behind these a line break ends the statement or changes its meaning. https://tc39.es/ecma262/#sec-rules-of-automatic-semicolon-insertion */
const NO_BREAK_AFTER = /(?:^|[^.\w$])(?:return|throw|break|continue|yield|async|using)\s*$/;
/** Those of them that may move to the next line with what follows; they do nothing themselves that a stack could name. */
const MOVES_ALONG = /(?:return|throw|yield)\s*$/;
/** Enough of what was printed last to see the longest of those words and the character before it. */
const TAIL_LENGTH = 16;

/**
 * Prints compiled code so that each token stands on the line, and where there is room at the column, that it had in the source.
 *
 * Stacks, profiles and the inspector are then right without a source map: see decision 0003.
 *
 * @param verbatim text of template literals, where white space counts
 * @param dropped comments and the hashbang
 */
export function restoreLayout(
  code: string,
  origins: readonly Origin[],
  verbatim: readonly Span[],
  dropped: readonly Span[],
): string {
  const page = new Page();
  const spans = [...verbatim.map((span) => ({ ...span, keep: true })), ...dropped.map((span) => ({ ...span, keep: false }))];
  spans.sort((a, b) => a.start - b.start);
  let next = 0;
  let at = 0;
  const copyTo = (end: number): void => {
    while (at < end) {
      const span = spans[next];
      if (span === undefined || span.start >= end) {
        page.write(code.slice(at, end));
        at = end;
      } else {
        page.write(code.slice(at, span.start));
        if (span.keep) page.writeVerbatim(code.slice(span.start, span.end));
        else page.leaveGap();
        at = span.end;
        next += 1;
      }
    }
  };
  for (const origin of inSourceOrder(outside(origins, spans))) {
    copyTo(origin.offset);
    page.moveTo(origin.line, origin.column);
  }
  copyTo(code.length);
  return page.print();
}

/** Origins that lie in no span and at no edge of one. Both lists are in order. */
function outside(origins: readonly Origin[], spans: readonly Span[]): Origin[] {
  let next = 0;
  return origins.filter(({ offset }) => {
    while ((spans[next]?.end ?? Infinity) < offset) next += 1;
    return offset < (spans[next]?.start ?? Infinity);
  });
}

class Page {
  readonly #parts: string[] = [];
  #tail = '';
  #line = 0;
  #column = 0;
  #gap = false;

  /** Code outside of templates: its own line breaks count no more than a space. */
  write(code: string): void {
    for (const [index, part] of code.split(/\s*\n\s*/).entries()) {
      if (index > 0) this.#gap = true;
      if (part === '') continue;
      this.#closeGap();
      this.#put(part);
      this.#column += part.length;
    }
  }

  writeVerbatim(text: string): void {
    if (text === '') return;
    this.#closeGap();
    this.#put(text);
    const lines = text.split('\n');
    this.#line += lines.length - 1;
    this.#column = lines.length === 1 ? this.#column + text.length : (lines.at(-1)?.length ?? 0);
  }

  leaveGap(): void {
    this.#gap = true;
  }

  moveTo(line: number, column: number): void {
    if (line > this.#line) this.#breakTo(line);
    if (line !== this.#line || column <= this.#column) return;
    this.#put(' '.repeat(column - this.#column));
    this.#column = column;
    this.#gap = false;
  }

  #breakTo(line: number): void {
    let carried = '';
    if (NO_BREAK_AFTER.test(this.#tail)) {
      const part = this.#parts.pop() ?? '';
      carried = MOVES_ALONG.exec(part)?.[0] ?? '';
      this.#put(part.slice(0, part.length - carried.length));
      if (carried === '') return;
    }
    this.#put('\n'.repeat(line - this.#line) + carried);
    this.#line = line;
    this.#column = carried.length;
    if (carried === '') this.#gap = false;
  }

  print(): string {
    return `${this.#parts.join('')}\n`;
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#tail = (this.#tail + text.slice(-TAIL_LENGTH)).slice(-TAIL_LENGTH);
  }

  #closeGap(): void {
    if (!this.#gap) return;
    this.#gap = false;
    if (this.#tail === '' || /\s$/.test(this.#tail)) return;
    this.#put(' ');
    this.#column += 1;
  }
}

/**
 * The longest run of origins whose lines never go back. A compiler moves some code (exports up, decorators down); following
 * those few would misplace all that stands between.
 */
function inSourceOrder(origins: readonly Origin[]): Origin[] {
  const tails: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [index, origin] of origins.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const tail = origins[tails[middle] ?? 0];
      if (tail !== undefined && tail.line <= origin.line) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? tails[low - 1] : undefined;
    tails[low] = index;
  }
  const run: Origin[] = [];
  for (let index = tails.at(-1); index !== undefined; index = previous[index]) {
    const origin = origins[index];
    if (origin !== undefined) run.push(origin);
  }
  return run.toReversed();
}
