/**
 * How many workers boot at once: the rule of the scheduler beside others, on a server that has been quiet when more comes than its two workers can take. All
 * else is the scheduler's own, and a boot takes its CPU time from the tasks.
 */
import { BootRate } from '../../src/scheduler/boot-rate.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { SchedulerCommand, SchedulerEvent, TaskEvent } from '../../src/scheduler/types.ts';
import { Random } from '../kernel/random.ts';
import { defaultScenario } from '../world/default-scenario.ts';
import { World } from '../world/world.ts';
import { type Arrival, drawShortMs, SHORT_MEAN_MS } from './arrivals.ts';
import { ListedClients } from './listed-clients.ts';
import { align, showMs } from './table.ts';

/** How many may boot at once, from what the scheduler says. */
type Rule = (own: number, cpus: number) => number;

const RULES: readonly (readonly [name: string, atOnce: Rule])[] = [
  ['one at a time', () => 1],
  ['half of the CPUs, doubling', (own) => own],
  ['4 at once', () => 4],
  ['as many as CPUs', (_, cpus) => cpus],
  ['all at once', () => Number.POSITIVE_INFINITY],
];

/** When it comes: the two workers that are there by default have booted, and nothing has come before. */
const RUSH_MS = 2000;
/** Short tasks go on coming for so long, with this share of the CPUs. */
const LAST_MS = 3000;
const SHORT_LOAD = 0.3;

type Draw = (random: Random, cpus: number) => readonly Arrival[];

/** What comes at once. */
const RUSHES: readonly (readonly [name: string, draw: Draw])[] = [
  ['50 short ones for each CPU', (random, cpus) => times(50 * cpus, () => shortOne(RUSH_MS, random))],
  ['100 for each CPU that wait for 30 ms', (_, cpus) => times(100 * cpus, () => ({ ...at(RUSH_MS, 1), waitMs: 30 }))],
  [
    'two long ones for each CPU',
    (random, cpus) => times(2 * cpus, () => ({ ...at(RUSH_MS, random.between(1000, 3000)), isLong: true })),
  ],
];

export interface Rush {
  readonly cpus: number;
  readonly rush: string;
  readonly rule: string;
  /** Of what is not long, and was served: from arrival to answer, less the time that it takes alone. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of those: told at once that too many wait. */
  readonly refused: number;
  /** From the rush until nobody waits. */
  readonly emptyAfterMs: number;
  /** Workers that were booted on account of it. */
  readonly boots: number;
}

/** @param worlds how many are drawn for each line: their delays are put together, and the rest is the mean */
export function compareBoots(cpuCounts: readonly number[], worlds: number): readonly Rush[] {
  return cpuCounts.flatMap((cpus) =>
    RUSHES.flatMap(([rush, draw]) =>
      RULES.map(([rule, atOnce]): Rush => {
        const seen = times(worlds, (world) =>
          withRule(
            (own) => atOnce(own, cpus),
            () => runOnce(`${rush} ${world}`, cpus, draw),
          ),
        );
        const delaysMs = Float64Array.from(seen.flatMap((one) => one.delaysMs)).toSorted();
        const quantile = (share: number): number => Math.max(0, delaysMs[Math.ceil(share * delaysMs.length) - 1] ?? 0);
        const mean = (of: (one: Seen) => number): number => seen.reduce((sum, one) => sum + of(one), 0) / worlds;
        return {
          cpus,
          rush,
          rule,
          p50Ms: quantile(0.5),
          p99Ms: quantile(0.99),
          refused: mean(({ refused }) => refused),
          emptyAfterMs: mean(({ emptyAfterMs }) => emptyAfterMs),
          boots: mean(({ boots }) => boots),
        };
      }),
    ),
  );
}

export function bootsTable(rows: readonly Rush[]): string {
  const head = [
    'CPUs',
    'at once comes',
    'boots',
    'short: p50, ms',
    'p99, ms',
    'refused',
    'nobody waits after, ms',
    'workers booted',
  ];
  const lines = rows.map(({ cpus, rush, rule, p50Ms, p99Ms, refused, emptyAfterMs, boots }) => [
    String(cpus),
    rush,
    rule,
    showMs(p50Ms),
    showMs(p99Ms),
    refused.toFixed(1),
    showMs(emptyAfterMs),
    boots.toFixed(1),
  ]);
  return align([head, ...lines]);
}

interface Seen {
  readonly delaysMs: readonly number[];
  readonly refused: number;
  readonly emptyAfterMs: number;
  readonly boots: number;
}

function runOnce(seed: string, cpus: number, draw: Draw): Seen {
  const random = new Random(seed);
  const arrivals = [...draw(random.stream('rush'), cpus), ...shortOnes(random.stream('short'), cpus)].toSorted(
    (one, other) => one.atMs - other.atMs,
  );
  const endsMs = new Float64Array(arrivals.length).fill(Number.POSITIVE_INFINITY);
  const scenario = defaultScenario(cpus);
  const scheduler = new Watched(scenario.policy);
  new World(seed, scenario, {
    scheduler: () => scheduler,
    clients: (world, dispatch) => new ListedClients(world, dispatch, arrivals, endsMs),
  }).run();
  const all = arrivals.flatMap(({ atMs, runMs, waitMs = 0, isLong }, index) =>
    isLong ? [] : [(endsMs[index] ?? Number.POSITIVE_INFINITY) - atMs - runMs - waitMs],
  );
  const delaysMs = all.filter(Number.isFinite);
  return { delaysMs, refused: all.length - delaysMs.length, emptyAfterMs: scheduler.emptyAfterMs, boots: scheduler.boots };
}

/** Counts boots, and notes when nobody waits any more. */
class Watched extends Scheduler {
  boots = 0;
  emptyAfterMs = Number.POSITIVE_INFINITY;
  #haveWaited = false;

  override handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    const commands = super.handle(event, nowMs);
    if (event.type === 'WorkerStarting' && nowMs >= RUSH_MS) this.boots += 1;
    this.#look(nowMs);
    return commands;
  }

  override handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    const commands = super.handleAll(events, nowMs);
    this.#look(nowMs);
    return commands;
  }

  #look(nowMs: number): void {
    if (nowMs < RUSH_MS || this.emptyAfterMs < Number.POSITIVE_INFINITY) return;
    const { queued } = this.figures;
    // Those that come at once do so one after the other, and the first ones need not wait.
    this.#haveWaited ||= queued > 1;
    if (this.#haveWaited && queued === 0) this.emptyAfterMs = nowMs - RUSH_MS;
  }
}

/** Replaces the rule where it stands, for as long as something runs. */
function withRule<Result>(atOnce: (own: number) => number, run: () => Result): Result {
  const own = Object.getOwnPropertyDescriptor(BootRate.prototype, 'atOnce');
  if (own === undefined) throw new Error('BootRate has no atOnce');
  Object.defineProperty(BootRate.prototype, 'atOnce', {
    ...own,
    get(this: BootRate): number {
      return atOnce(Number(own.get?.call(this)));
    },
  });
  try {
    return run();
  } finally {
    Object.defineProperty(BootRate.prototype, 'atOnce', own);
  }
}

function* shortOnes(random: Random, cpus: number): Iterable<Arrival> {
  const gapMs = SHORT_MEAN_MS / (SHORT_LOAD * cpus);
  for (let atMs = RUSH_MS + random.exponential(gapMs); atMs < RUSH_MS + LAST_MS; atMs += random.exponential(gapMs))
    yield shortOne(atMs, random);
}

function shortOne(atMs: number, random: Random): Arrival {
  return at(atMs, drawShortMs(random));
}

function at(atMs: number, runMs: number): Arrival {
  return { atMs, runMs, isLong: false };
}

function times<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
