import { Generator } from './load/generator.ts';
import { phaseName } from './load/phases.ts';
import { measureCell, type Cell, type CellOutcome } from './measure/cell.ts';
import { measureFloor, type Floor } from './measure/floor.ts';
import { measureTwoLong, type LongPair } from './measure/two-long.ts';
import type { Options } from './options.ts';
import { PEERS, type Peer } from './peers/catalogue.ts';
import { collectVersions, describeMachine } from './report/machine.ts';
import type { PeerEntry, Results } from './report/results.ts';
import { showMs } from './report/show.ts';
import { percentile } from './report/statistics.ts';
import { shuffled } from './shuffled.ts';

const SUBJECT = 'prefork-pool';
const FLOOR_SECONDS = 5;

type Say = (line: string) => void;

/** Runs what the command line asked for, and returns all that it measured. */
export async function run(options: Options, say: Say): Promise<Results> {
  const startedAt = new Date().toISOString();
  const peers = PEERS.filter(({ name }) => options.peers?.includes(name) ?? true);
  const entries = peers.map(prepare);
  for (const { name, missing } of entries) if (missing !== null) say(`${name}: not installed: ${missing}`);
  const ready = peers.filter((_, index) => entries[index]?.missing === null);
  const mixed = options.command === 'mixed' ? await measureMixed(ready, options, say) : NOTHING_MIXED;
  const wanted = options.command !== 'mixed' || ready.some(({ name }) => name === SUBJECT);
  const twoLong = wanted && options.command !== 'floor' ? await twoLongAlone(options, say) : [];
  const floor = wanted && options.command !== 'long' ? await floors(options, say) : [];
  return {
    format: 1,
    startedAt,
    finishedAt: new Date().toISOString(),
    options,
    machine: describeMachine(),
    versions: collectVersions(),
    generatorGoesFirst: mixed.generatorGoesFirst,
    peers: options.command === 'mixed' ? entries : [],
    order: mixed.order,
    cells: mixed.cells,
    twoLong,
    floor,
  };
}

interface Mixed {
  readonly cells: readonly Cell[];
  readonly order: readonly (readonly string[])[];
  readonly generatorGoesFirst: boolean;
}

const NOTHING_MIXED: Mixed = { cells: [], order: [], generatorGoesFirst: false };

/** What is missing is part of the results: a peer that is not there must not look like one that was never considered. */
function prepare(peer: Peer): PeerEntry {
  const { name, kind, description } = peer;
  let missing = peer.missing();
  try {
    if (missing === undefined) peer.prepare();
  } catch (error) {
    missing = `it can not be compiled: ${(error as Error).message}`;
  }
  return { name, kind, description, missing: missing ?? null };
}

async function measureMixed(peers: readonly Peer[], options: Options, say: Say): Promise<Mixed> {
  const cells: Cell[] = [];
  const order: string[][] = [];
  const generator = new Generator(true);
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const inOrder = shuffled(peers);
      order.push(inOrder.map(({ name }) => name));
      for (const peer of inOrder) cells.push(...(await measurePeer(peer, round, options, generator, say)));
    }
  } finally {
    generator.end();
  }
  return { cells, order, generatorGoesFirst: generator.goesFirst };
}

/** More and more long requests. Once nothing is answered any more, more of them will not help: they are not run. */
async function measurePeer(peer: Peer, round: number, options: Options, generator: Generator, say: Say): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const long of options.long) {
    const isOver = cells.at(-1)?.outcome.kind === 'never';
    const outcome: CellOutcome = isOver ? { kind: 'never', run: false } : await measureCell(peer, long, options, generator);
    cells.push({ peer: peer.name, long, round, outcome });
    say(`round ${round} of ${options.rounds}  ${peer.name.padEnd(18)} H = ${`${long}`.padEnd(3)} ${inShort(outcome)}`);
  }
  return cells;
}

async function twoLongAlone(options: Options, say: Say): Promise<readonly LongPair[]> {
  const pairs = await measureTwoLong(peerOf(SUBJECT), peerOf('bare'), options.rounds + 1);
  for (const { preforkMs, bareMs } of pairs) {
    say(`two long ones alone: prefork ${showMs(preforkMs)} ms, two bare processes ${showMs(bareMs)} ms`);
  }
  return pairs;
}

async function floors(options: Options, say: Say): Promise<readonly Floor[]> {
  const measured: Floor[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const floor = await measureFloor(peerOf(SUBJECT), FLOOR_SECONDS);
    const { longShare, idleShare, shortAnswered } = floor;
    say(
      `under saturation: the long ones got ${(longShare * 100).toFixed(1)} % of the machine, ${(idleShare * 100).toFixed(1)} % was idle, ${shortAnswered} short ones answered`,
    );
    measured.push(floor);
  }
  return measured;
}

function peerOf(name: string): Peer {
  const peer = PEERS.find((candidate) => candidate.name === name);
  if (peer === undefined) throw new Error(`there is no peer ${name}`);
  return peer;
}

function inShort(outcome: CellOutcome): string {
  switch (outcome.kind) {
    case 'never':
      return outcome.run ? 'never' : 'never (not run)';
    case 'failed':
      return `failed: ${outcome.why}`;
    case 'measured':
      return outcome.phases
        .map((phase) => {
          const { latenciesMs, sent } = phase;
          const lost = sent - latenciesMs.length;
          const [p50, p99] = [percentile(latenciesMs, 50), percentile(latenciesMs, 99)];
          return `${SHORT_NAMES[phaseName(phase)] ?? ''} ${showMs(p50)} / ${showMs(p99)}${lost > 0 ? `, ${lost} of ${sent} lost` : ''}`;
        })
        .join('  ');
  }
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  'one after the other, new connections': 'in turn, new:',
  'one after the other, keep-alive': 'in turn, kept:',
  'at a fixed rate, new connections': 'rate, new:',
  'at a fixed rate, keep-alive': 'rate, kept:',
};
