/** A world to try the scheduler in, drawn from a seed: what it is told to do, what is asked of it, and what goes wrong. */
import type { Policy } from '../../src/scheduler/types.ts';
import type { Random } from '../kernel/random.ts';

export interface Faults {
  /** Shares of all boots. */
  readonly spawnFails: number;
  readonly bootFails: number;
  readonly bootNeverEnds: number;
  readonly bootIsSlow: number;
  /** Mean time until a worker ends, or hangs, without a reason; ms, infinity for never. */
  readonly crashAfterMs: number;
  readonly hangAfterMs: number;
  /** Share of workers that do not heed SIGTERM. */
  readonly ignoresTerm: number;
  /** What a task leaves in the memory of its worker. */
  readonly leakBytes: number;
  /** Shares of all tasks: their worker ends with them; they compute on when they were answered. */
  readonly taskCrashes: number;
  readonly taskGoesOn: number;
}

export interface Traffic {
  /** CPU time that is asked for, as a share of what there is. */
  readonly load: number;
  /** Times in which most tasks come, and how much faster; 1 for an even stream. */
  readonly burstFactor: number;
  readonly clients: number;
  /** Shares of all tasks. */
  readonly cancelled: number;
  readonly committedEarly: number;
  readonly restartable: number;
  readonly withBody: number;
  readonly heedsCancel: number;
  /** Shares of what comes: connections that a worker holds; and kept ones, on which several requests come, one after the other or many at once. */
  readonly tunnels: number;
  readonly kept: number;
  /** How often the kinds of tasks come, in comparison; see `TaskSource`. */
  readonly kinds: readonly KindWeight[];
  /** The least that a report takes. */
  readonly reportMs: number;
}

export type TaskKind = 'tiny' | 'brief' | 'short' | 'long' | 'report' | 'mixed' | 'turning' | 'waiting';

interface KindWeight {
  readonly kind: TaskKind;
  readonly weight: number;
}

/** What an operator does. Mean times between two of each, ms; infinity for never. */
export interface Operations {
  readonly reloadEveryMs: number;
  readonly recycleEveryMs: number;
  readonly scaleEveryMs: number;
  readonly killEveryMs: number;
  /** Share of reloads whose code does not boot. */
  readonly brokenCode: number;
}

export interface Scenario {
  readonly policy: Policy;
  readonly deadlineMs: number;
  readonly floor: number;
  /** Whether the system lets a priority be raised again. */
  readonly canRaise: boolean;
  readonly bootTimeoutMs: number;
  readonly bootMs: number;
  readonly maxMemoryBytes: number;
  readonly shutdownTimeoutMs: number;
  /** It is closed while tasks run. */
  readonly closesBusy: boolean;
  /** Mean delay of a message, and of the watchdog, ms. */
  readonly socketMs: number;
  readonly watchdogMs: number;
  readonly traffic: Traffic;
  readonly faults: Faults;
  readonly operations: Operations;
}

const MB = 2 ** 20;
/** What a worker takes in the simulated memory. */
export const WORKER_BYTES = 60 * MB;

export function drawScenario(random: Random): Scenario {
  const scenario = drawAny(random);
  const reports = random.stream('reports');
  return reports.chance(0.15) ? withReports(scenario, reports) : scenario;
}

/** More long tasks than the long lane has room for, of a key that is known for it, and others of which nobody knows it. */
function withReports({ policy, traffic, ...rest }: Scenario, random: Random): Scenario {
  const { cpus, queueLimit, queueTimeoutMs, max } = policy;
  return {
    ...rest,
    policy: {
      ...policy,
      max: Math.ceil(cpus) + 1 + random.below(3),
      memoryBytes: 0,
      concurrency: 1,
      queueLimit: Math.max(queueLimit, 16 * max),
      queueTimeoutMs: Math.max(queueTimeoutMs, 1000),
    },
    traffic: {
      ...traffic,
      load: random.pick([1.1, 1.6]),
      restartable: random.pick([0, 0.5]),
      kinds: [
        { kind: 'brief', weight: 1 },
        { kind: 'report', weight: random.between(1, 3) },
        { kind: 'mixed', weight: random.between(0, 1) },
      ],
    },
  };
}

function drawAny(random: Random): Scenario {
  const policy = drawPolicy(random);
  return {
    policy,
    deadlineMs: random.pick([200, 1000, 5000, 30_000]),
    floor: random.pick([0.02, 0.1, 0.3]),
    canRaise: random.chance(0.5),
    bootTimeoutMs: random.pick([400, 5000, 30_000]),
    bootMs: random.pick([20, 100, 300]),
    maxMemoryBytes: random.pick([0, 0, 1.5 * WORKER_BYTES, 3 * WORKER_BYTES]),
    shutdownTimeoutMs: random.pick([0, 500, 25_000]),
    closesBusy: random.chance(0.5),
    socketMs: random.pick([0, 0.05, 0.5, 5]),
    watchdogMs: random.pick([0.1, 2, 20]),
    traffic: drawTraffic(random, policy),
    faults: random.chance(0.2) ? NO_FAULTS : drawFaults(random),
    operations: random.chance(0.3) ? NO_OPERATIONS : drawOperations(random),
  };
}

function drawPolicy(random: Random): Policy {
  const max = random.pick([1, 2, 3, 4, 6, 8, 12, 16, 32]);
  const reuse = random.chance(0.8);
  const least = 1 + random.below(max);
  return {
    min: Math.min(max, random.pick([0, 1, least])),
    max,
    spares: Math.min(max, random.below(4)),
    cpus: random.pick([0.5, 1, 2, 2, 4, 8]),
    memoryBytes: random.pick([0, 0, 1, random.between(1, max) * WORKER_BYTES]),
    reuse,
    concurrency: reuse && random.chance(0.35) ? random.pick([2, 4, 16]) : 1,
    aheadMs: reuse ? random.pick([4, 4, 4, 0, 30]) : 0,
    quantumMs: random.pick([10, 50, 50, 200]),
    queueLimit: random.pick([0, 3, 16 * max, 16 * max, 1000]),
    queuePatienceMs: random.pick([undefined, 50, 500]),
    queueTimeoutMs: random.pick([50, 1000, 10_000]),
    idleTimeoutMs: random.pick([0, 100, 5000, 60_000]),
    cancelGraceMs: random.pick([20, 500]),
    deafGraceMs: random.pick([10, 30, 500]),
    maxRequests: random.pick([0, 0, 1, 10, 200]),
  };
}

function drawTraffic(random: Random, { concurrency, quantumMs }: Policy): Traffic {
  const weigh = (kind: TaskKind, most: number): KindWeight => ({
    kind,
    weight: random.chance(0.7) ? random.between(0, most) : 0,
  });
  const waits = concurrency > 1 ? 4 : 0.5;
  const tiny = random.stream('tiny');
  const isTiny = tiny.chance(0.3);
  return {
    load: random.pick([0.2, 0.5, 0.8, 1.1, 1.6]),
    // Tiny ones are only many at once when they come so.
    burstFactor: random.pick([1, 1, 5, 30]) * (isTiny ? 20 : 1),
    clients: random.pick([1, 2, 10]),
    cancelled: random.pick([0, 0.02, 0.2]),
    committedEarly: random.pick([0, 0.1, 0.5]),
    restartable: random.pick([0, 0.5, 1]),
    withBody: random.pick([0, 0.3]),
    heedsCancel: random.fraction(),
    kinds: [
      { kind: 'brief', weight: random.between(0.5, 4) },
      weigh('short', 1),
      weigh('long', 0.2),
      weigh('mixed', 0.3),
      weigh('turning', 0.3),
      weigh('waiting', waits),
      { kind: 'tiny', weight: isTiny ? tiny.between(20, 1000) : 0 },
    ],
    reportMs: 1.2 * quantumMs,
    tunnels: random.pick([0, 0, 0.01, 0.1]),
    kept: random.pick([0, 0.1, 0.5]),
  };
}

export const NO_FAULTS: Faults = {
  spawnFails: 0,
  bootFails: 0,
  bootNeverEnds: 0,
  bootIsSlow: 0,
  crashAfterMs: Number.POSITIVE_INFINITY,
  hangAfterMs: Number.POSITIVE_INFINITY,
  ignoresTerm: 0,
  leakBytes: 0,
  taskCrashes: 0,
  taskGoesOn: 0,
};

export const NO_OPERATIONS: Operations = {
  reloadEveryMs: Number.POSITIVE_INFINITY,
  recycleEveryMs: Number.POSITIVE_INFINITY,
  scaleEveryMs: Number.POSITIVE_INFINITY,
  killEveryMs: Number.POSITIVE_INFINITY,
  brokenCode: 0,
};

function drawOperations(random: Random): Operations {
  const means = [Number.POSITIVE_INFINITY, 20_000, 2000, 300] as const;
  return {
    reloadEveryMs: random.pick(means),
    recycleEveryMs: random.pick(means),
    scaleEveryMs: random.pick(means),
    killEveryMs: random.pick([Number.POSITIVE_INFINITY, 20_000, 2000]),
    brokenCode: random.pick([0, 0.3, 0.9]),
  };
}

function drawFaults(random: Random): Faults {
  const rarely = (share: number): number => (random.chance(0.5) ? random.between(0, share) : 0);
  const means = [Number.POSITIVE_INFINITY, 200_000, 10_000] as const;
  return {
    spawnFails: rarely(0.1),
    // Now and then nothing boots for a while: five failures in a row pause all boots.
    bootFails: random.chance(0.1) ? 0.7 : rarely(0.2),
    bootNeverEnds: rarely(0.05),
    bootIsSlow: rarely(0.2),
    crashAfterMs: random.pick(means),
    hangAfterMs: random.pick(means),
    ignoresTerm: rarely(1),
    leakBytes: random.pick([0, 0, 0.001 * WORKER_BYTES, 0.1 * WORKER_BYTES]),
    taskCrashes: rarely(0.05),
    taskGoesOn: rarely(0.1),
  };
}
