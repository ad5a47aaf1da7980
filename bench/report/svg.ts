import type { PeerEntry, Results } from './results.ts';
import { showMs } from './show.ts';
import { figureIn, phasesOf, type Figure } from './summary.ts';
import {
  baseline,
  DOT_RADIUS,
  frame,
  HEAD_HEIGHT,
  LABEL_WIDTH,
  middle,
  PADDING,
  PANEL_GAP,
  PANEL_WIDTH,
  placeOf,
  ROW_HEIGHT,
  type Scale,
  scaleOf,
} from './svg-frame.ts';

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
  const scale = scaleOf(
    figures.flat().flatMap((figure) => (figure?.kind === 'measured' ? [figure.p50.median, figure.p99.median] : [])),
  );
  return frame(
    'Short requests while H long ones run: p50 (dot) to p99 (line)',
    `Milliseconds, logarithmic; ${phase}, ${results.machine.cpus} CPUs, ${results.startedAt.slice(0, 10)}; hollow: some were not answered`,
    peers.map(({ name, kind }) => ({ name, isOwn: kind === 'own' })),
    LABEL_WIDTH + long.length * (PANEL_WIDTH + PANEL_GAP) + PANEL_GAP,
    [
      ...long.flatMap((count, panel) => axis(panel, count, scale, peers.length)),
      ...peers.flatMap((peer, row) => long.map((_, panel) => mark(figures[row]?.[panel], peer, row, panel, scale))),
    ],
  );
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

function mark(figure: Figure | undefined, { kind }: PeerEntry, row: number, panel: number, scale: Scale): string {
  const own = kind === 'own' ? ' own' : '';
  if (figure === undefined) return '';
  if (figure.kind !== 'measured') {
    return `<text class="never" x="${panelLeft(panel) + PANEL_WIDTH - PADDING}" y="${baseline(row)}" text-anchor="end">${figure.kind}</text>`;
  }
  const [from, to] = [xOf(figure.p50.median, panel, scale), xOf(figure.p99.median, panel, scale)];
  const y = middle(row);
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

function xOf(ms: number, panel: number, scale: Scale): number {
  return placeOf(ms, scale, panelLeft(panel) + PADDING, panelLeft(panel) + PANEL_WIDTH - PADDING);
}

function decadeName(decade: number): string {
  return decade >= 3 ? `${10 ** (decade - 3)} s` : `${10 ** decade}`;
}
