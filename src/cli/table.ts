import { printable } from '../text/printable.ts';

/** Rows of text in columns; those whose heading starts with a space are numbers, and stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  const widths = headings.map((heading, column) =>
    Math.max(heading.trim().length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    headings
      .map((heading, column) => {
        const width = widths[column] ?? 0;
        const cell = row[column] ?? '';
        return heading.startsWith(' ') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(headings.map((heading) => heading.trim())), ...cells.map(line)].join('\n');
}
