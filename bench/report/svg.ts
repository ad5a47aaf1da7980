import type { PeerEntry, Results } from './results.ts';
import { showMs } from './show.ts';
import { figureIn, phasesOf, type Figure } from './summary.ts';

const LABEL_WIDTH = 150;
const PANEL_WIDTH = 168;
const PANEL_GAP = 14;
const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 86;
const FOOT_HEIGHT = 34;
const DOT_RADIUS = 4.5;
/** Room for the figure beside the dot. */
const PADDING = 12;

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

interface Scale {
  readonly lowDecade: number;
  readonly highDecade: number;
}

/**
 * A panel for each number of long requests and a row for each peer: a dot at p50 and a line to p99, on one logarithmic scale. It
 * shows the first of the measured phases.
 */
export function toSvg(results: Results): string {
  const [phase] = phasesOf(results.cells);
  const { long } = results.options;
  const peers = results.peers.filter(({ missing }) => missing === null);
  if (phase === undefined || peers.length === 0) return '';
  const figures = peers.map(({ name }) => long.map((count) => figureIn(results.cells, name, count, phase)));
  const scale = scaleOf(figures.flat());
  const width = LABEL_WIDTH + long.length * (PANEL_WIDTH + PANEL_GAP) + PANEL_GAP;
  const height = HEAD_HEIGHT + peers.length * ROW_HEIGHT + FOOT_HEIGHT;
  const title = 'Short requests while H long ones run: p50 (dot) to p99 (line)';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    `<text class="title" x="14" y="26">${title}</text>`,
    `<text class="soft" x="14" y="46">Milliseconds, logarithmic; ${escaped(phase)}, ${results.machine.cpus} CPUs, ${results.startedAt.slice(0, 10)}; hollow: some were not answered</text>`,
    ...peers.map((_, row) => band(row, width)),
    ...long.flatMap((count, panel) => axis(panel, count, scale, peers.length)),
    ...peers.map((peer, row) => label(peer, row)),
    ...peers.flatMap((peer, row) => long.map((_, panel) => mark(figures[row]?.[panel], peer, row, panel, scale))),
    '</svg>',
    '',
  ].join('\n');
}

/** Whole decades around all that is drawn. */
function scaleOf(figures: readonly (Figure | undefined)[]): Scale {
  const shown = figures.flatMap((figure) =>
    figure?.kind === 'measured' ? [figure.p50.median, figure.p99.median].filter((ms) => ms > 0) : [],
  );
  if (shown.length === 0) return { lowDecade: 0, highDecade: 1 };
  const lowDecade = Math.floor(Math.log10(Math.min(...shown)));
  return { lowDecade, highDecade: Math.max(lowDecade + 1, Math.ceil(Math.log10(Math.max(...shown)))) };
}

function band(row: number, width: number): string {
  return row % 2 === 1
    ? ''
    : `<rect class="band" y="${HEAD_HEIGHT + row * ROW_HEIGHT}" width="${width}" height="${ROW_HEIGHT}"/>`;
}

function axis(panel: number, long: number, scale: Scale, rows: number): string[] {
  const bottom = HEAD_HEIGHT + rows * ROW_HEIGHT;
  const parts = [`<text class="title" x="${panelLeft(panel) + PADDING}" y="${HEAD_HEIGHT - 14}">H = ${long}</text>`];
  for (let decade = scale.lowDecade; decade <= scale.highDecade; decade += 1) {
    const x = xOf(10 ** decade, panel, scale);
    parts.push(
      `<line class="grid" x1="${x}" x2="${x}" y1="${HEAD_HEIGHT}" y2="${bottom}"/>`,
      `<text class="soft" x="${x}" y="${bottom + 18}" text-anchor="middle">${decadeName(decade)}</text>`,
    );
  }
  return parts;
}

function label({ name, kind }: PeerEntry, row: number): string {
  return `<text${kind === 'own' ? ' class="own"' : ''} x="14" y="${baseline(row)}">${escaped(name)}</text>`;
}

function mark(figure: Figure | undefined, { kind }: PeerEntry, row: number, panel: number, scale: Scale): string {
  const own = kind === 'own' ? ' own' : '';
  if (figure === undefined) return '';
  if (figure.kind !== 'measured') {
    return `<text class="never" x="${panelLeft(panel) + PANEL_WIDTH - PADDING}" y="${baseline(row)}" text-anchor="end">${figure.kind}</text>`;
  }
  const [from, to] = [xOf(figure.p50.median, panel, scale), xOf(figure.p99.median, panel, scale)];
  const y = HEAD_HEIGHT + (row + 0.5) * ROW_HEIGHT;
  const said = `p50 ${showMs(figure.p50.median)} ms, p99 ${showMs(figure.p99.median)} ms, ${figure.unanswered} of ${figure.sent} unanswered`;
  return [
    `<g><title>${said}</title>`,
    `<line class="range${own}" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`,
    `<circle class="dot${own}${figure.unanswered > 0 ? ' partly' : ''}" cx="${from}" cy="${y}" r="${DOT_RADIUS}"/></g>`,
  ].join('');
}

function panelLeft(panel: number): number {
  return LABEL_WIDTH + panel * (PANEL_WIDTH + PANEL_GAP);
}

function xOf(ms: number, panel: number, { lowDecade, highDecade }: Scale): number {
  const part = (Math.log10(ms) - lowDecade) / (highDecade - lowDecade);
  return Math.round((panelLeft(panel) + PADDING + part * (PANEL_WIDTH - 2 * PADDING)) * 10) / 10;
}

function baseline(row: number): number {
  return HEAD_HEIGHT + (row + 0.5) * ROW_HEIGHT + 4;
}

function decadeName(decade: number): string {
  return decade >= 3 ? `${10 ** (decade - 3)} s` : `${10 ** decade}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
