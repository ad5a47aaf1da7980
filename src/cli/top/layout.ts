import type { Model } from './model.ts';

/** Rows of the screen that each part gets. They add up to the height of the screen. */
export interface Layout {
  readonly server: number;
  readonly totals: number;
  /** The line with the headings, and an empty one above it where there is room. */
  readonly headings: number;
  readonly table: number;
  readonly details: number;
  /** What there is to say, and the keys. */
  readonly foot: number;
}

const FEWEST_TABLE_ROWS = 3;
/** So many make sense of a stack. */
const DETAILS_ROWS = 11;

export function layoutOf({ size: { rows }, details }: Pick<Model, 'size' | 'details'>): Layout {
  const foot = rows >= 5 ? 2 : 1;
  const server = rows >= 12 ? 3 : 1;
  const totals = rows >= 18 ? 3 : 0;
  const headings = rows >= 24 ? 2 : Math.min(1, Math.max(0, rows - foot - server));
  const body = Math.max(0, rows - foot - server - totals - headings);
  const pane =
    details === null ? 0 : Math.max(0, Math.min(body - FEWEST_TABLE_ROWS, Math.max(DETAILS_ROWS, Math.ceil(body * 0.55))));
  return { server: Math.min(server, Math.max(0, rows - foot)), totals, headings, table: body - pane, details: pane, foot };
}
