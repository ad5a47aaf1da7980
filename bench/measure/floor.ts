import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Generator } from '../load/generator.ts';
import type { Phase } from '../load/phases.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import { holdLong } from './hold-long.ts';
import { machineSeconds, shareOfMachine, type ProcessFigures } from './processes.ts';
import { RunningPeer } from './running-peer.ts';

/** What the long lane got of the CPU while short requests saturated the machine. */
export interface Floor {
  /** As many long requests as there are CPUs. */
  readonly long: number;
  readonly connections: number;
  readonly seconds: number;
  /** CPU time of the long requests' workers, as a share of the time of all CPUs: 1 is the whole machine. */
  readonly longShare: number;
  /** The same of each long worker alone, of one CPU. */
  readonly eachShareOfOneCpu: readonly number[];
  /** What of the machine was idle; the floor only says something where this is near 0. */
  readonly idleShare: number;
  readonly shortAnswered: number;
  readonly shortUnanswered: number;
}

const CONNECTIONS = 64;
/** The load is up before the counting starts, and goes on until it is over. */
const RAMP_SECONDS = 1;
/** A pool that grows with the load boots its workers before the counting: they are no short requests. */
const GROW_SECONDS = 8;

/** Keeps the machine full of short requests and counts what the long ones get. */
export async function measureFloor(peer: Peer, seconds: number): Promise<Floor> {
  const long = availableParallelism();
  // At the priority of everybody: one that goes first would take a CPU for itself.
  const generator = new Generator(false);
  const server = await RunningPeer.start(peer);
  try {
    await generator.run(server.port, [saturation(GROW_SECONDS)]);
    const calm = server.family;
    const held = await holdLong(server, long);
    const workers = busiest(calm, server.family, long);
    const load = generator.run(server.port, [saturation(seconds + 2 * RAMP_SECONDS)]);
    await wait(RAMP_SECONDS * 1000);
    const before = { workers: figuresOf(server, workers), machine: machineSeconds(), atMs: nowMs() };
    await wait(seconds * 1000);
    const after = { workers: figuresOf(server, workers), machine: machineSeconds(), atMs: nowMs() };
    const [short] = await load;
    held.abort();
    const elapsed = (after.atMs - before.atMs) / 1000;
    const used = workers.map((pid) => (after.workers.get(pid) ?? 0) - (before.workers.get(pid) ?? 0));
    return {
      long,
      connections: CONNECTIONS,
      seconds: elapsed,
      longShare: shareOfMachine(
        used.reduce((sum, cpuSeconds) => sum + cpuSeconds, 0),
        elapsed,
      ),
      eachShareOfOneCpu: used.map((cpuSeconds) => cpuSeconds / elapsed),
      idleShare: shareOfMachine(after.machine.idle - before.machine.idle, elapsed),
      shortAnswered: short?.latenciesMs.length ?? 0,
      shortUnanswered: (short?.sent ?? 0) - (short?.latenciesMs.length ?? 0),
    };
  } finally {
    generator.end();
    await server.end();
  }
}

function saturation(seconds: number): Phase {
  return { arrival: 'saturating', connections: 'kept', seconds, ratePerSecond: 0, most: null, concurrency: CONNECTIONS };
}

/** The processes that used most CPU since the calm: those that run the long requests. */
function busiest(calm: readonly ProcessFigures[], now: readonly ProcessFigures[], count: number): readonly number[] {
  const before = new Map(calm.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
  return now
    .map(({ pid, cpuSeconds }) => ({ pid, used: cpuSeconds - (before.get(pid) ?? 0) }))
    .toSorted((a, b) => b.used - a.used)
    .slice(0, count)
    .map(({ pid }) => pid);
}

function figuresOf(server: RunningPeer, pids: readonly number[]): ReadonlyMap<number, number> {
  return new Map(server.family.filter(({ pid }) => pids.includes(pid)).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
}
