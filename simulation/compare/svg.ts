/** The picture of a comparison, in the style of `bench/report/svg.ts`: readable on a light page and on a dark one. */
import { type Cell, type Delay, OWN, WAY_NAMES } from './compare.ts';
import { find, showMs } from './table.ts';

const LABEL_WIDTH = 200;
const PANEL_WIDTH = 150;
const PANEL_GAP = 12;
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 86;
const GROUP_HEIGHT = 30;
const FOOT_HEIGHT = 30;
const DOT_RADIUS = 4.5;
const PADDING = 14;
/** What is less is drawn here: on a logarithmic scale there is no zero. */
const LEAST_MS = 0.1;
const TITLE = 'How long short and long tasks are delayed: p50 (dot) to p99 (line)';

// A picture on a page follows the reader's theme, not the page's, so the ground is painted too.
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1c2430; }
.ground { fill: #ffffff; } .band { fill: #f3f5f8; } .grid { stroke: #d3dae3; stroke-width: 1; }
.title { font-size: 16px; font-weight: 600; } .head { font-weight: 600; } .soft { fill: #566173; } .own { font-weight: 600; fill: #0b63c5; }
.dot { fill: #566173; } .range { stroke: #566173; stroke-width: 3; stroke-opacity: .45; stroke-linecap: round; }
.dot.own { fill: #0b63c5; } .range.own { stroke: #0b63c5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6eaf0; }
  .ground { fill: #12161c; } .band { fill: #1a2029; } .grid { stroke: #2f3947; }
  .soft { fill: #9ba7b7; } .own { fill: #7db7ff; } .dot { fill: #9ba7b7; } .range { stroke: #9ba7b7; }
  .dot.own { fill: #7db7ff; } .range.own { stroke: #7db7ff; }
}`;

interface Group {
  readonly kind: 'short' | 'long';
  readonly title: string;
  readonly topY: number;
}

const GROUPS: readonly Group[] = [
  { kind: 'short', title: 'Short tasks: 5 to 45 ms', topY: HEAD_HEIGHT },
  { kind: 'long', title: 'Long tasks: 0.2 to 10 s', topY: HEAD_HEIGHT + GROUP_HEIGHT + WAY_NAMES.length * ROW_HEIGHT },
];
const BOTTOM_Y = HEAD_HEIGHT + GROUPS.length * (GROUP_HEIGHT + WAY_NAMES.length * ROW_HEIGHT);

/** A panel for each number of CPUs, and in it a row for each way: first for short tasks, then for long ones. */
export function toSvg(cells: readonly Cell[]): string {
  const counts = [...new Set(cells.map(({ workers }) => workers))];
  const decades = highDecade(cells);
  const width = LABEL_WIDTH + counts.length * (PANEL_WIDTH + PANEL_GAP) + PANEL_GAP;
  const height = BOTTOM_Y + FOOT_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${TITLE}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="title" x="14" y="26">${TITLE}</text>`,
    '<text class="soft" x="14" y="46">Milliseconds beyond the run time alone, logarithmic; simulated, load 0.7, now and then as many long tasks at once as CPUs</text>',
    ...GROUPS.flatMap((group) => WAY_NAMES.flatMap((_, row) => (row % 2 === 0 ? [band(group, row, width)] : []))),
    ...counts.flatMap((count, panel) => axis(panel, count, decades)),
    ...GROUPS.flatMap((group) => labels(group)),
    ...GROUPS.flatMap((group) =>
      WAY_NAMES.flatMap((way, row) =>
        counts.map((count, panel) => mark(find(cells, way, count)?.[group.kind], way, rowY(group, row), panel, decades)),
      ),
    ),
    '</svg>',
    '',
  ].join('\n');
}

/** The decade above all that is drawn, counted from that of the least. */
function highDecade(cells: readonly Cell[]): number {
  const most = Math.max(1, ...cells.flatMap(({ short, long }) => [short.p99Ms, long.p99Ms]).filter(Number.isFinite));
  return Math.ceil(Math.log10(most / LEAST_MS));
}

function band(group: Group, row: number, width: number): string {
  return `<rect class="band" y="${rowY(group, row) - ROW_HEIGHT / 2}" width="${width}" height="${ROW_HEIGHT}"/>`;
}

function axis(panel: number, count: number, decades: number): string[] {
  const parts = [`<text class="title" x="${panelX(panel) + PADDING}" y="${HEAD_HEIGHT - 14}">${count} CPUs</text>`];
  for (let decade = 0; decade <= decades; decade += 1) {
    const x = xOf(LEAST_MS * 10 ** decade, panel, decades);
    parts.push(`<line class="grid" x1="${x}" x2="${x}" y1="${HEAD_HEIGHT}" y2="${BOTTOM_Y}"/>`);
    // There is room for the name of every other one.
    if (decade % 2 === 0)
      parts.push(`<text class="soft" x="${x}" y="${BOTTOM_Y + 18}" text-anchor="middle">${decadeName(decade)}</text>`);
  }
  return parts;
}

function labels(group: Group): string[] {
  return [
    `<text class="head" x="14" y="${group.topY + GROUP_HEIGHT - 9}">${group.title}</text>`,
    ...WAY_NAMES.map((way, row) => `<text${way === OWN ? ' class="own"' : ''} x="14" y="${rowY(group, row) + 4}">${way}</text>`),
  ];
}

function mark(delay: Delay | undefined, way: string, y: number, panel: number, decades: number): string {
  if (delay === undefined) return '';
  const own = way === OWN ? ' own' : '';
  const [from, to] = [xOf(delay.p50Ms, panel, decades), xOf(delay.p99Ms, panel, decades)];
  return [
    `<g><title>p50 ${showMs(delay.p50Ms)} ms, p99 ${showMs(delay.p99Ms)} ms</title>`,
    `<line class="range${own}" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`,
    `<circle class="dot${own}" cx="${from}" cy="${y}" r="${DOT_RADIUS}"/></g>`,
  ].join('');
}

function rowY({ topY }: Group, row: number): number {
  return topY + GROUP_HEIGHT + (row + 0.5) * ROW_HEIGHT;
}

function panelX(panel: number): number {
  return LABEL_WIDTH + panel * (PANEL_WIDTH + PANEL_GAP);
}

function xOf(ms: number, panel: number, decades: number): number {
  const part = Math.min(1, Math.max(0, Math.log10(Math.max(ms, LEAST_MS) / LEAST_MS) / decades));
  return Math.round((panelX(panel) + PADDING + part * (PANEL_WIDTH - 2 * PADDING)) * 10) / 10;
}

function decadeName(decade: number): string {
  const ms = LEAST_MS * 10 ** decade;
  return ms >= 1000 ? `${Math.round(ms / 1000)} s` : String(Number(ms.toPrecision(1)));
}
