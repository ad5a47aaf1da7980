import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ROUTE } from '../load/ask.ts';
import { Generator } from '../load/generator.ts';
import type { Phase, PhaseResult } from '../load/phases.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import { holdLong } from './hold-long.ts';
import { LongRequests } from './long-requests.ts';
import { type LongFate, watchLong } from './long-watch.ts';
import { countMachineUse } from './machine-use.ts';
import { cpuSecondsOf, cpuSecondsOfOne, shareOfMachine } from './processes.ts';
import type { EventLoopDelay } from './read-delay.ts';
import { RunningPeer } from './running-peer.ts';
import { teach } from './teach.ts';
import type { Tried } from './tried.ts';

/** Who is there first. Long ones that come last come by a route that is known for long ones. */
export const FLOOR_ORDERS = ['longFirst', 'shortFirst'] as const;
export type FloorOrder = (typeof FLOOR_ORDERS)[number];

/** What came of one round of one server of ours. */
export interface FloorCell {
  readonly peer: string;
  readonly order: FloorOrder;
  readonly round: number;
  readonly outcome: Tried<Floor>;
}

/** What the long lane got of the CPU while short requests saturated the machine. */
export interface Floor {
  /** Time that was counted: where the long ones came last, from when they came. */
  readonly seconds: number;
  /** Workers that there were when it began. */
  readonly workers: number;
  /** CPU time of the long requests' workers, as a share of the time of all CPUs: 1 is the whole machine. */
  readonly longShare: number;
  /** As many as there are CPUs. */
  readonly longs: readonly LongFate[];
  /** What of the machine was idle; the floor only says something where this is near 0. */
  readonly idleShare: number;
  /** The same under the same load with no long ones, which leave nothing idle themselves. */
  readonly idleShareAlone: number;
  /** What neither the server nor the bench had of the machine: on one that is not quiet others saturate it too. */
  readonly othersShare: number;
  readonly connections: number;
  /** How long short ones came, before and after what was counted too, and what became of them. */
  readonly loadSeconds: number;
  readonly shortAnswered: number;
  readonly shortUnanswered: number;
  /** Of the primary, in the time that was counted; null when it did not say. */
  readonly delay: EventLoopDelay | null;
}

const CONNECTIONS = 64;
/** The load is up before the counting starts, and goes on until it is over. */
const RAMP_SECONDS = 1;
/** A pool that grows with the load boots its workers before the counting: they are no short requests. */
const GROW_SECONDS = 8;
/** For so long it is looked whether short ones saturate the machine by themselves. */
const ALONE_SECONDS = 2;
/** Long ones that wait for a worker in vain are refused after 10 s. */
const COUNTED_SECONDS: Readonly<Record<FloorOrder, number>> = { longFirst: 5, shortFirst: 12 };
/** A worker that is idle ends after a minute, but for the spares. */
const QUIET_MS = 75_000;
const QUIET_LOOK_MS = 500;
const LONG_ROUTE = '/long?';

/** Keeps the machine full of short requests and counts what the long ones get. */
export async function measureFloor(peer: Peer, order: FloorOrder): Promise<Floor> {
  // At the priority of everybody: one that goes first would take a CPU for itself.
  const generator = new Generator(false);
  try {
    const server = await RunningPeer.start(peer, { ownSession: true });
    try {
      return await (order === 'longFirst' ? longFirst({ server, generator }) : shortFirst({ server, generator }));
    } finally {
      await server.end();
    }
  } finally {
    generator.end();
  }
}

interface Load {
  readonly server: RunningPeer;
  readonly generator: Generator;
}

async function longFirst(load: Load): Promise<Floor> {
  const { server, generator } = load;
  const [idleShareAlone] = await Promise.all([
    idleAfter(GROW_SECONDS - ALONE_SECONDS),
    generator.run(server.port, [saturation(GROW_SECONDS)]),
  ]);
  const { requests } = await holdLong(server, longRoutes(ROUTE));
  const seconds = COUNTED_SECONDS.longFirst;
  const loadSeconds = RAMP_SECONDS + seconds + RAMP_SECONDS;
  const [counted, [short]] = await Promise.all([
    wait(RAMP_SECONDS * 1000).then(() => count(load, () => requests, seconds)),
    generator.run(server.port, [saturation(loadSeconds)]),
  ]);
  return { ...counted, idleShareAlone, ...shortOnes(loadSeconds, short) };
}

async function shortFirst(load: Load): Promise<Floor> {
  const { server, generator } = load;
  await generator.run(server.port, [saturation(GROW_SECONDS)]);
  await teach(server.port, LONG_ROUTE);
  await untilFew(server);
  const seconds = COUNTED_SECONDS.shortFirst;
  const loadSeconds = RAMP_SECONDS + ALONE_SECONDS + seconds + RAMP_SECONDS;
  const come = (): LongRequests => new LongRequests(server.port, longRoutes(LONG_ROUTE));
  const [counted, [short]] = await Promise.all([
    idleAfter(RAMP_SECONDS).then(async (idleShareAlone) => ({ idleShareAlone, ...(await count(load, come, seconds)) })),
    generator.run(server.port, [saturation(loadSeconds)]),
  ]);
  return { ...counted, ...shortOnes(loadSeconds, short) };
}

type Counted = Pick<Floor, 'seconds' | 'workers' | 'longShare' | 'longs' | 'idleShare' | 'othersShare' | 'delay'>;

/** @param longOnes gives those that are there, or has them come */
async function count({ server, generator }: Load, longOnes: () => LongRequests, wanted: number): Promise<Counted> {
  // What it counted until now is not asked for, and asking begins anew.
  await server.readDelay();
  const { length: workers } = await server.workers();
  const use = countMachineUse(() => cpuSecondsOf(server.family) + (cpuSecondsOfOne(generator.pid) ?? 0) + ownCpuSeconds());
  const requests = longOnes();
  try {
    const { seconds, fates } = await watchLong(server, requests, wanted);
    const machine = use();
    const delay = (await server.readDelay()) ?? null;
    const used = fates.reduce((sum, { shareOfOneCpu }) => sum + shareOfOneCpu * seconds, 0);
    return { seconds, workers, longShare: shareOfMachine(used, seconds), longs: fates, ...machine, delay };
  } finally {
    requests.abort();
  }
}

/** What was booted for long ones that are over hides whether those that come get a worker: a quiet minute, until there are no more than CPUs. */
async function untilFew(server: RunningPeer): Promise<void> {
  const untilMs = nowMs() + QUIET_MS;
  while (nowMs() < untilMs) {
    const { length } = await server.workers();
    if (length <= availableParallelism()) return;
    await wait(QUIET_LOOK_MS);
  }
}

/** What is idle with short ones alone, for a while after some seconds of them. */
async function idleAfter(seconds: number): Promise<number> {
  await wait(seconds * 1000);
  const use = countMachineUse(() => 0);
  await wait(ALONE_SECONDS * 1000);
  return use().idleShare;
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function shortOnes(
  loadSeconds: number,
  short: PhaseResult | undefined,
): Pick<Floor, 'connections' | 'loadSeconds' | 'shortAnswered' | 'shortUnanswered'> {
  const shortAnswered = short?.latenciesMs.length ?? 0;
  return { connections: CONNECTIONS, loadSeconds, shortAnswered, shortUnanswered: (short?.sent ?? 0) - shortAnswered };
}

/** Each can be told from the others by its URL. */
function longRoutes(route: string): readonly string[] {
  return Array.from({ length: availableParallelism() }, (_, index) => `${route}long=${index + 1}&`);
}

function saturation(seconds: number): Phase {
  return { arrival: 'saturating', connections: 'kept', seconds, ratePerSecond: 0, most: null, concurrency: CONNECTIONS };
}
