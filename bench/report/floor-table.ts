import type { Floor, FloorCell, FloorOrder } from '../measure/floor.ts';
import type { LongFate } from '../measure/long-watch.ts';
import type { Results } from './results.ts';
import { showMs, showShare } from './show.ts';

export const FLOOR_NAMES: Readonly<Record<FloorOrder, string>> = {
  longFirst: 'long ones first',
  shortFirst: 'short ones first',
};

const HEAD = [
  'under saturation',
  'round',
  'long ones, of the machine',
  'each long one, of a CPU',
  'workers before',
  'idle',
  'idle with no long ones',
  'others',
  'short ones/s',
  'unanswered',
];

/** What the long ones got, with its head; nothing where it was not measured. */
export function floorTable({ floor }: Results): readonly (readonly string[])[] {
  return floor.length === 0 ? [] : [HEAD, ...floor.map(rowOf)];
}

function rowOf({ peer, order, round, outcome }: FloorCell): readonly string[] {
  const name = [`${peer}, ${FLOOR_NAMES[order]}`, `${round}`];
  return outcome.kind === 'failed'
    ? [...name, `failed: ${outcome.why}`, '', '', '', '', '', '', '']
    : name.concat(figuresOf(outcome.result));
}

function figuresOf(floor: Floor): readonly string[] {
  const { longShare, longs, workers, idleShare, idleShareAlone, othersShare, shortAnswered, shortUnanswered, loadSeconds } =
    floor;
  return [
    showShare(longShare),
    longs.map(showFate).join('; '),
    `${workers}`,
    showShare(idleShare),
    showShare(idleShareAlone),
    showShare(othersShare),
    (shortAnswered / loadSeconds).toFixed(0),
    `${shortUnanswered}`,
  ];
}

/** `9.8 %, waited 4.20 ms`, or `no worker, status 503`. */
export function showFate({ waitedMs, shareOfOneCpu, ended }: LongFate): string {
  const got = waitedMs === null ? ['no worker'] : [showShare(shareOfOneCpu), `waited ${showMs(waitedMs)} ms`];
  return got.concat(ended ?? []).join(', ');
}
