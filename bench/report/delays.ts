import type { EventLoopDelay } from '../measure/read-delay.ts';
import { FLOOR_NAMES } from './floor-table.ts';
import { type Goal, SUBJECT } from './goal.ts';
import type { Results } from './results.ts';

const LIMIT_MS = 20;

/** The event-loop delay of a primary of ours, while something was measured. */
export interface DelayReading {
  readonly peer: string;
  /** What was measured. */
  readonly during: string;
  readonly round: number;
  /** null when it did not say. */
  readonly delay: EventLoopDelay | null;
}

/** Of short requests beside long ones, of two long ones alone, and under saturation. */
export function delaysOf({ peers, cells, twoLong, floor }: Results): readonly DelayReading[] {
  const own = new Set(peers.filter(({ kind }) => kind === 'own').map(({ name }) => name));
  return [
    ...cells.flatMap(({ peer, long, round, outcome }) =>
      own.has(peer) && outcome.kind === 'measured' ? [{ peer, during: `H = ${long}`, round, delay: outcome.delay }] : [],
    ),
    ...twoLong.map(({ delay }, index) => ({ peer: SUBJECT, during: 'two long ones alone', round: index + 1, delay })),
    ...floor.flatMap(({ peer, order, round, outcome }) =>
      outcome.kind === 'measured'
        ? [{ peer, during: `saturation, ${FLOOR_NAMES[order]}`, round, delay: outcome.result.delay }]
        : [],
    ),
  ];
}

/** One that is too late is enough to miss it, one that did not say to leave it open. */
export function delayGoal(results: Results): Goal {
  const readings = delaysOf(results).filter(({ peer }) => peer === SUBJECT);
  const said = readings.flatMap(({ during, round, delay }) => (delay === null ? [] : [{ during, round, ms: delay.p99Ms }]));
  const [most] = said.toSorted((a, b) => b.ms - a.ms);
  const silent = readings.length - said.length;
  const where = [...new Set(readings.map(({ during }) => during))].join('; ');
  const found = most === undefined ? 'none' : `at most ${most.ms.toFixed(1)} ms: ${most.during}, round ${most.round}`;
  return {
    goal: `the primary's event-loop delay stays under ${LIMIT_MS} ms at p99 in all of it`,
    measured:
      readings.length === 0
        ? ''
        : `${found} (of ${said.length} readings${silent > 0 ? `, ${silent} without an answer` : ''}: ${where})`,
    met: most !== undefined && most.ms >= LIMIT_MS ? false : most === undefined || silent > 0 ? null : true,
  };
}
