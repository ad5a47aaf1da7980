/** How short requests come: planned times, one when the last is answered, or as many at a time as `concurrency` says. */
export type Arrival = 'fixedRate' | 'oneByOne' | 'saturating';
/** A connection for each request, or connections that are used again. */
export type Connections = 'new' | 'kept';

export interface Phase {
  readonly arrival: Arrival;
  readonly connections: Connections;
  readonly seconds: number;
  /** Requests a second where `arrival` is fixedRate. */
  readonly ratePerSecond: number;
  /** Requests after which a phase ends before its time; null for no such limit. */
  readonly most: number | null;
  /** Requests at a time where `arrival` is saturating. */
  readonly concurrency: number;
  /** What is asked for, in turn, if not the short numbers; all are primes. */
  readonly numbers?: readonly number[];
}

export interface PhaseResult {
  readonly arrival: Arrival;
  readonly connections: Connections;
  readonly sent: number;
  /** Of the requests that were answered rightly within the limit; in the order of the answers. */
  readonly latenciesMs: readonly number[];
  /** Requests without an answer within the limit. */
  readonly late: number;
  /** Requests that got another answer, or none: how many, by what happened. */
  readonly failed: Readonly<Record<string, number>>;
  /** Requests that the generator itself sent more than 5 ms after their planned time; they count from the planned time. */
  readonly sentLate: number;
}

/** A short request without an answer after this time counts as never answered. */
export const ANSWER_LIMIT_MS = 5000;
/** What is asked for, in turn. */
export const SHORT_NUMBERS = [7, 13, 101, 9973] as const;
/** A prime that takes minutes of trial division: it outlives the measuring. */
export const LONG_NUMBER = 29_355_126_551;

const ONE_BY_ONE_MOST = 200;

/**
 * The four ways in which short requests come, in the order in which they are measured: first those that leave nothing undone behind
 * them, as a server that can't keep up with a rate goes on working on what nobody waits for.
 */
export function measuredPhases(seconds: number, ratePerSecond: number): readonly Phase[] {
  const common = { seconds, ratePerSecond, concurrency: 1 };
  return [
    { ...common, arrival: 'oneByOne', connections: 'new', most: ONE_BY_ONE_MOST },
    { ...common, arrival: 'oneByOne', connections: 'kept', most: ONE_BY_ONE_MOST },
    { ...common, arrival: 'fixedRate', connections: 'new', most: null },
    { ...common, arrival: 'fixedRate', connections: 'kept', most: null },
  ];
}

/** The name of a phase in tables. */
export function phaseName(phase: { readonly arrival: Arrival; readonly connections: Connections }): string {
  const arrival = { fixedRate: 'at a fixed rate', oneByOne: 'one after the other', saturating: 'as many as go' }[phase.arrival];
  return `${arrival}, ${phase.connections === 'new' ? 'new connections' : 'keep-alive'}`;
}
