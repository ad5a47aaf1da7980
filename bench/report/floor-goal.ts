import { type Floor, FLOOR_ORDERS, type FloorOrder } from '../measure/floor.ts';
import { FLOOR_NAMES } from './floor-table.ts';
import { type Goal, SUBJECT } from './goal.ts';
import type { Results } from './results.ts';
import { showShare } from './show.ts';
import { median } from './statistics.ts';

const FLOOR = 0.1;
/** Where more of the machine is idle, short ones do not saturate it, and what long ones get shows nothing. */
const MOST_IDLE = 0.05;
/** Where others have more of it, they do. */
const MOST_OTHERS = 0.1;

/** What the rounds of an order say. */
interface Found {
  /** The median of the rounds that were saturated; null where most were not. */
  readonly share: number | null;
  readonly said: string;
}

/** The smaller share counts, and only rounds in which short ones left nothing idle, with the long ones and without them, and nobody else ran. */
export function floorGoal({ floor }: Results): Goal {
  const own = floor.filter(({ peer }) => peer === SUBJECT);
  const found = FLOOR_ORDERS.map((order) => {
    const outcomes = own.filter((cell) => cell.order === order).map(({ outcome }) => outcome);
    const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.why] : []));
    const measured = outcomes.flatMap((outcome) => (outcome.kind === 'measured' ? [outcome.result] : []));
    return foundIn(order, measured, failed);
  });
  const shares = found.flatMap(({ share }) => share ?? []);
  const isEachMeasured = shares.length === found.length;
  return {
    goal: `while short ones saturate the machine, the long ones keep at least ${FLOOR * 100} % of its CPU time, whoever is there first`,
    measured: own.length === 0 ? '' : found.map(({ said }) => said).join('; '),
    met: shares.some((share) => share < FLOOR) ? false : isEachMeasured ? true : null,
  };
}

function foundIn(order: FloorOrder, measured: readonly Floor[], failed: readonly string[]): Found {
  const name = FLOOR_NAMES[order];
  const saturated = measured.filter(isSaturated);
  const rounds = measured.length + failed.length;
  if (saturated.length * 2 <= rounds || rounds === 0) {
    const shown = `${showShare(median(measured.map(({ longShare }) => longShare)))}, but not saturated by short ones`;
    const why = measured.length === 0 ? (failed[0] ?? 'not measured') : `${shown} (${idleOf(measured)}${refusedOf(measured)})`;
    return { share: null, said: `${name}: ${why}` };
  }
  const share = median(saturated.map(({ longShare }) => longShare));
  const left = rounds === saturated.length ? '' : `, ${saturated.length} of ${rounds} rounds`;
  return { share, said: `${name}: ${showShare(share)} (${idleOf(saturated)}${left}${refusedOf(saturated)})` };
}

function isSaturated({ idleShare, idleShareAlone, othersShare }: Floor): boolean {
  return Math.max(idleShare, idleShareAlone) <= MOST_IDLE && othersShare <= MOST_OTHERS;
}

function idleOf(floors: readonly Floor[]): string {
  const middle = (share: (floor: Floor) => number): string => showShare(median(floors.map(share)));
  const [idle, alone, others] = [
    middle(({ idleShare }) => idleShare),
    middle(({ idleShareAlone }) => idleShareAlone),
    middle(({ othersShare }) => othersShare),
  ];
  return `idle ${idle}, with no long ones ${alone}, others ${others}`;
}

/** Long ones that got no worker, and those that came to an end, which none is meant to. */
function refusedOf(floors: readonly Floor[]): string {
  const longs = floors.flatMap((floor) => floor.longs);
  const without = longs.filter(({ waitedMs }) => waitedMs === null).length;
  const ended = longs.flatMap((long) => long.ended ?? []);
  const kinds = [...new Set(ended)].map((what) => `${ended.filter((each) => each === what).length} ${what}`);
  return [...(without > 0 ? [`${without} of ${longs.length} long ones got no worker`] : []), ...kinds]
    .map((part) => `, ${part}`)
    .join('');
}
