import { loadavg } from 'node:os';
import { ask, ROUTE } from '../load/ask.ts';
import type { Generator } from '../load/generator.ts';
import { ANSWER_LIMIT_MS, measuredPhases, SHORT_NUMBERS, type Phase, type PhaseResult } from '../load/phases.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import { holdLong } from './hold-long.ts';
import type { EventLoopDelay } from './read-delay.ts';
import { RunningPeer } from './running-peer.ts';

/** What was measured of one peer with so many long requests open, in one round. */
export interface Cell {
  readonly peer: string;
  readonly long: number;
  readonly round: number;
  readonly outcome: CellOutcome;
}

export type CellOutcome =
  | {
      readonly kind: 'measured';
      readonly phases: readonly PhaseResult[];
      /** Of prefork's primary, while the short requests ran. */
      readonly delay: EventLoopDelay | null;
      /** CPU time that the long requests had used when the short ones began. */
      readonly longCpuSeconds: number;
      /** Long requests that did not stay open to the end, by what became of them. */
      readonly longEnded: Readonly<Record<string, number>>;
      readonly loadAverage: number;
    }
  /** No short request was answered in time; `run` is false where that follows from fewer long ones. */
  | { readonly kind: 'never'; readonly run: boolean }
  | { readonly kind: 'failed'; readonly why: string };

export interface LoadShape {
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly warmUp: number;
}

/** Connections that are tried at once before a peer counts as one that answers nothing. */
const PROBES = 4;
/** For a peer that needs long for each. */
const LONGEST_WARM_UP_SECONDS = 4;

/** Starts a peer, holds long requests open on it, measures the short ones, and ends all its processes. */
export async function measureCell(peer: Peer, long: number, shape: LoadShape, generator: Generator): Promise<CellOutcome> {
  let server: RunningPeer;
  try {
    server = await RunningPeer.start(peer, { ownSession: true });
  } catch (error) {
    return { kind: 'failed', why: (error as Error).message };
  }
  try {
    await generator.run(server.port, warmUpPhases(shape.warmUp));
    const held = await holdLong(
      server,
      Array.from({ length: long }, () => ROUTE),
    );
    try {
      if (!(await answersAny(server.port))) return { kind: 'never', run: true };
      const isOwn = peer.kind === 'own';
      // What it counted until now is not asked for, and asking begins anew.
      if (isOwn) await server.readDelay();
      const [loadAverage = 0] = loadavg();
      const phases = await generator.run(server.port, measuredPhases(shape.seconds, shape.ratePerSecond));
      const delay = isOwn ? ((await server.readDelay()) ?? null) : null;
      if (phases.every(({ latenciesMs }) => latenciesMs.length === 0)) return { kind: 'never', run: true };
      return { kind: 'measured', phases, delay, longCpuSeconds: held.cpuSeconds, longEnded: held.requests.ended(), loadAverage };
    } finally {
      held.requests.abort();
    }
  } finally {
    await server.end();
  }
}

/** One that is answered is enough: a cluster, say, answers those that land on a free worker. */
async function answersAny(port: number): Promise<boolean> {
  const sinceMs = nowMs();
  const asked = SHORT_NUMBERS.slice(0, PROBES).map(async (number) => {
    const outcome = await ask({ port, number, agent: false, limitMs: ANSWER_LIMIT_MS, sinceMs });
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  });
  return Promise.any(asked).then(
    () => true,
    () => false,
  );
}

function warmUpPhases(most: number): readonly Phase[] {
  const seconds = LONGEST_WARM_UP_SECONDS;
  const each = { arrival: 'oneByOne', seconds, ratePerSecond: 0, most, concurrency: 1 } as const;
  return [
    { ...each, connections: 'new' },
    { ...each, connections: 'kept' },
  ];
}
