import { printable } from '../text/printable.ts';

/**
 * Rows of text in columns; those whose heading starts with a space are numbers, and stand to the right.
 *
 * @param width of a line, in characters; what is longer is cut, so that a row stays a line
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], width = terminalWidth()): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  const widths = headings.map((heading, column) =>
    Math.max(heading.trim().length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    headings
      .map((heading, column) => {
        const wide = widths[column] ?? 0;
        const cell = row[column] ?? '';
        return heading.startsWith(' ') ? cell.padStart(wide) : cell.padEnd(wide);
      })
      .join('  ')
      .trimEnd();
  return [headings.map((heading) => heading.trim()), ...cells].map((row) => cut(line(row), width)).join('\n');
}

/** Without a terminal, as in a pipe, lines have any length. A terminal that was never told its size says 0. */
function terminalWidth(): number {
  return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : Number.POSITIVE_INFINITY;
}

function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
