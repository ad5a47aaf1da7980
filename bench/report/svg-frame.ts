export const LABEL_WIDTH = 150;
export const PANEL_WIDTH = 168;
export const PANEL_GAP = 14;
export const ROW_HEIGHT = 24;
export const HEAD_HEIGHT = 86;
const FOOT_HEIGHT = 34;
export const DOT_RADIUS = 4.5;
/** Room beside the dot. */
export const PADDING = 12;

// A picture on a page follows the reader's theme, not the page's, so the ground is painted too.
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1c2430; }
.ground { fill: #ffffff; } .band { fill: #f3f5f8; } .grid { stroke: #d3dae3; stroke-width: 1; }
.title { font-size: 16px; font-weight: 600; } .soft { fill: #566173; } .own { font-weight: 600; fill: #0b63c5; }
.dot { fill: #566173; } .range { stroke: #566173; stroke-width: 3; stroke-opacity: .45; stroke-linecap: round; }
.dot.own { fill: #0b63c5; } .range.own { stroke: #0b63c5; } .never { fill: #b3261e; font-style: italic; }
.dot.partly { fill: #ffffff; stroke: #566173; stroke-width: 2; } .dot.own.partly { stroke: #0b63c5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6eaf0; }
  .ground { fill: #12161c; } .band { fill: #1a2029; } .grid { stroke: #2f3947; }
  .soft { fill: #9ba7b7; } .own { fill: #7db7ff; } .dot { fill: #9ba7b7; } .range { stroke: #9ba7b7; }
  .dot.own { fill: #7db7ff; } .range.own { stroke: #7db7ff; } .never { fill: #ff8a80; }
  .dot.partly { fill: #12161c; stroke: #9ba7b7; } .dot.own.partly { stroke: #7db7ff; }
}`;

/** The picture around its panels: ground, title, a line below it, a band for every other row, the names of the rows. */
export function frame(
  title: string,
  below: string,
  rows: readonly { readonly name: string; readonly isOwn: boolean }[],
  width: number,
  panels: readonly string[],
): string {
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + FOOT_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="title" x="14" y="26">${escaped(title)}</text>`,
    `<text class="soft" x="14" y="46">${escaped(below)}</text>`,
    ...rows.map((_, row) => band(row, width)),
    ...rows.map(
      ({ name, isOwn }, row) => `<text${isOwn ? ' class="own"' : ''} x="14" y="${baseline(row)}">${escaped(name)}</text>`,
    ),
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function band(row: number, width: number): string {
  return row % 2 === 1
    ? ''
    : `<rect class="band" y="${HEAD_HEIGHT + row * ROW_HEIGHT}" width="${width}" height="${ROW_HEIGHT}"/>`;
}

export function baseline(row: number): number {
  return HEAD_HEIGHT + (row + 0.5) * ROW_HEIGHT + 4;
}

/** The middle of a row. */
export function middle(row: number): number {
  return HEAD_HEIGHT + (row + 0.5) * ROW_HEIGHT;
}

/** Whole decades of ten around all that is drawn. */
export interface Scale {
  readonly lowDecade: number;
  readonly highDecade: number;
}

export function scaleOf(values: readonly number[]): Scale {
  const shown = values.filter((value) => value > 0 && Number.isFinite(value));
  if (shown.length === 0) return { lowDecade: 0, highDecade: 1 };
  const lowDecade = Math.floor(Math.log10(Math.min(...shown)));
  return { lowDecade, highDecade: Math.max(lowDecade + 1, Math.ceil(Math.log10(Math.max(...shown)))) };
}

/** Where a value is, between the left and the right of a panel. */
export function placeOf(value: number, { lowDecade, highDecade }: Scale, left: number, right: number): number {
  const part = (Math.log10(value) - lowDecade) / (highDecade - lowDecade);
  return Math.round((left + part * (right - left)) * 10) / 10;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
