import {
  baseline,
  DOT_RADIUS,
  escaped,
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
} from '../report/svg-frame.ts';
import type { Spread } from '../report/statistics.ts';
import { type ContenderEntry, figureOf, type MatrixResults } from './results.ts';
import type { Column, Scenario } from './scenario.ts';
import { showRange, showValue } from './show-value.ts';

/** Names here are longer than those of servers. */
const NAME_WIDTH = LABEL_WIDTH + 60;
/** Room for the figure at the right of a panel. */
const FIGURE_WIDTH = 52;

/** A panel for each plotted column and a row for each contender: a dot at the median and a line over the rounds, on a scale for each panel. */
export function toSvg(scenario: Scenario, results: MatrixResults): string {
  const rows = results.contenders.filter(({ missing }) => missing === null);
  const columns = results.columns.filter(({ name }) => scenario.plotted.includes(name));
  return frame(
    scenario.title,
    `${results.rounds === 1 ? 'One round' : `Median (dot) and range (line) of ${results.rounds} rounds`}, logarithmic; ${results.machine.cpus} CPUs, ${results.startedAt.slice(0, 10)}`,
    rows.map(({ name, kind }) => ({ name, isOwn: kind === 'own' })),
    NAME_WIDTH + columns.length * (PANEL_WIDTH + FIGURE_WIDTH + PANEL_GAP),
    columns.flatMap((column, panel) => panelOf(column, panel, rows, results)),
  );
}

function panelOf(column: Column, panel: number, rows: readonly ContenderEntry[], results: MatrixResults): readonly string[] {
  const figures = rows.map(({ name }) => figureOf(results, name, column.name));
  const scale = scaleOf(figures.flatMap((figure) => (figure === undefined ? [] : [figure.least, figure.most])));
  return [
    `<text x="${panelLeft(panel) + PADDING}" y="${HEAD_HEIGHT - 8}">${escaped(`${column.name}, ${column.unit}`)}</text>`,
    ...axis(panel, scale, rows.length),
    ...rows.map((row, index) => mark(figures[index], row, index, panel, scale)),
  ];
}

function axis(panel: number, scale: Scale, rows: number): readonly string[] {
  const bottom = HEAD_HEIGHT + rows * ROW_HEIGHT;
  return Array.from({ length: scale.highDecade - scale.lowDecade + 1 }, (_, index) => {
    const value = 10 ** (scale.lowDecade + index);
    const x = xOf(value, panel, scale);
    return [
      `<line class="grid" x1="${x}" x2="${x}" y1="${HEAD_HEIGHT}" y2="${bottom}"/>`,
      `<text class="soft" x="${x}" y="${bottom + 18}" text-anchor="middle">${decadeName(value)}</text>`,
    ].join('');
  });
}

function mark(figure: Spread | undefined, { kind }: ContenderEntry, row: number, panel: number, scale: Scale): string {
  if (figure === undefined) return '';
  const own = kind === 'own' ? ' own' : '';
  const right = panelLeft(panel) + PANEL_WIDTH + FIGURE_WIDTH - PADDING;
  const said = `<text class="${Number.isFinite(figure.median) ? 'soft' : 'never'}" x="${right}" y="${baseline(row)}" text-anchor="end">${showValue(figure.median)}</text>`;
  if (!Number.isFinite(figure.most) || figure.least <= 0) return said;
  const [from, at, to] = [figure.least, figure.median, figure.most].map((value) => xOf(value, panel, scale));
  const y = middle(row);
  return [
    `<g><title>${showRange(figure)}</title>`,
    `<line class="range${own}" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`,
    `<circle class="dot${own}" cx="${at}" cy="${y}" r="${DOT_RADIUS}"/></g>`,
    said,
  ].join('');
}

function panelLeft(panel: number): number {
  return NAME_WIDTH + panel * (PANEL_WIDTH + FIGURE_WIDTH + PANEL_GAP);
}

function xOf(value: number, panel: number, scale: Scale): number {
  return placeOf(value, scale, panelLeft(panel) + PADDING, panelLeft(panel) + PANEL_WIDTH - PADDING);
}

function decadeName(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : `${Number(value.toPrecision(1))}`;
}
