import { type Before, nameBefore, showBefore } from './before/before.ts';
import { fromBuild } from './builds.ts';
import { Generator } from './load/generator.ts';
import { phaseName } from './load/phases.ts';
import { measureCell, type Cell, type CellOutcome } from './measure/cell.ts';
import { type Floor, FLOOR_ORDERS, type FloorCell, measureFloor } from './measure/floor.ts';
import { tried } from './measure/tried.ts';
import { measureTwoLong, type LongPair } from './measure/two-long.ts';
import type { Options } from './options.ts';
import { PEERS, type Peer } from './peers/catalogue.ts';
import { FLOOR_NAMES, showFate } from './report/floor-table.ts';
import { SUBJECT } from './report/goal.ts';
import { collectVersions, describeMachine } from './report/machine.ts';
import type { PeerEntry, Results } from './report/results.ts';
import { showMs, showShare } from './report/show.ts';
import { percentile } from './report/statistics.ts';
import { shuffled } from './shuffled.ts';

type Say = (line: string) => void;

/** Runs what the command line asked for, and returns all that it measured. */
export async function run(options: Options, before: Before | null, say: Say): Promise<Results> {
  const startedAt = new Date().toISOString();
  const peers = PEERS.filter(({ name }) => options.peers?.includes(name) ?? true).flatMap((peer) =>
    peer.kind === 'own' && before !== null ? [peer, peerBefore(peer, before)] : [peer],
  );
  const entries = peers.map(prepare);
  for (const { name, missing } of entries) if (missing !== null) say(`${name}: not installed: ${missing}`);
  const ready = peers.filter((_, index) => entries[index]?.missing === null);
  const mixed = options.command === 'mixed' ? await measureMixed(ready, options, say) : NOTHING_MIXED;
  const wanted = options.command !== 'mixed' || ready.some(({ name }) => name === SUBJECT);
  const twoLong = wanted && options.command !== 'floor' ? await twoLongAlone(options, before, say) : [];
  const floor = wanted && options.command !== 'long' ? await floors(options, before, say) : [];
  return {
    format: 2,
    startedAt,
    finishedAt: new Date().toISOString(),
    options,
    machine: describeMachine(),
    versions: collectVersions(before?.entry ?? null),
    before: before?.entry ?? null,
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
    say(`round ${round} of ${options.rounds}  ${peer.name.padEnd(22)} H = ${`${long}`.padEnd(3)} ${inShort(outcome)}`);
  }
  return cells;
}

async function twoLongAlone(options: Options, before: Before | null, say: Say): Promise<readonly LongPair[]> {
  const prefork = peerOf(SUBJECT);
  const peers = { prefork, bare: peerOf('bare'), before: before === null ? null : peerBefore(prefork, before) };
  const pairs = await measureTwoLong(peers, options.rounds + 1);
  for (const { preforkMs, bareMs, before: other } of pairs) {
    const beside =
      other === null ? '' : `, before ${other.kind === 'failed' ? `failed: ${other.why}` : `${showMs(other.result)} ms`}`;
    say(`two long ones alone: prefork ${showMs(preforkMs)} ms, two bare processes ${showMs(bareMs)} ms${beside}`);
  }
  return pairs;
}

async function floors(options: Options, before: Before | null, say: Say): Promise<readonly FloorCell[]> {
  const subject = peerOf(SUBJECT);
  const peers = before === null ? [subject] : [subject, peerBefore(subject, before)];
  const turns = peers.flatMap((peer) => FLOOR_ORDERS.map((order) => ({ peer, order })));
  const cells: FloorCell[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { peer, order } of shuffled(turns)) {
      const outcome = await tried(() => measureFloor(peer, order));
      const found = outcome.kind === 'failed' ? `failed: ${outcome.why}` : floorInShort(outcome.result);
      say(`under saturation, ${FLOOR_NAMES[order]}, ${peer.name}: ${found}`);
      cells.push({ peer: peer.name, order, round, outcome });
    }
  }
  return cells;
}

function floorInShort({ longShare, idleShare, longs, shortAnswered }: Floor): string {
  return `the long ones got ${showShare(longShare)} of the machine (${longs.map(showFate).join('; ')}), ${showShare(idleShare)} was idle, ${shortAnswered} short ones answered`;
}

/** The same server from the build before. */
function peerBefore(peer: Peer, before: Before): Peer {
  const description = `the same with the build before: ${showBefore(before.entry)}`;
  return { ...fromBuild(peer, before.path), name: nameBefore(peer.name), description };
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
