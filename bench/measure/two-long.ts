import { ask } from '../load/ask.ts';
import { nowMs } from '../now.ts';
import type { Peer } from '../peers/catalogue.ts';
import type { EventLoopDelay } from './read-delay.ts';
import { RunningPeer } from './running-peer.ts';
import { tried, type Tried } from './tried.ts';

/** Two long requests alone on a server of ours, and the same two in a bare process each, in ms. */
export interface LongPair {
  readonly preforkMs: number;
  readonly bareMs: number;
  /** Of prefork's primary meanwhile; null when it did not say. */
  readonly delay: EventLoopDelay | null;
  /** On a server of ours from the build before; null where there is none. */
  readonly before: Tried<number> | null;
}

/** The largest prime that is a 32-bit integer: some seconds of trial division. */
const PAIR_NUMBER = 2_147_483_647;
const LONG_AT_ONCE = 2;
const LIMIT_MS = 120_000;

/** Who is measured; `before` is ours too, from the build before. */
export interface LongPeers {
  readonly prefork: Peer;
  readonly bare: Peer;
  readonly before: Peer | null;
}

/** Measures pairs; who goes first changes from pair to pair, so that a machine that slows down favours nobody. */
export async function measureTwoLong({ prefork, bare, before }: LongPeers, pairs: number): Promise<readonly LongPair[]> {
  const measured: LongPair[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const asFirst = before !== null && index % 2 === 1 ? await tried(() => onServers(before, 1)) : null;
    const isPreforkFirst = index % 2 === 0;
    const first = isPreforkFirst ? await onServers(prefork, 1) : await onServers(bare, LONG_AT_ONCE);
    const second = isPreforkFirst ? await onServers(bare, LONG_AT_ONCE) : await onServers(prefork, 1);
    const [own, others] = isPreforkFirst ? [first, second] : [second, first];
    const asLast = before !== null && asFirst === null ? await tried(() => onServers(before, 1)) : null;
    measured.push({ preforkMs: own.ms, bareMs: others.ms, delay: own.delay, before: msOf(asFirst ?? asLast) });
  }
  return measured;
}

function msOf(outcome: Tried<Pair> | null): Tried<number> | null {
  return outcome?.kind === 'measured' ? { kind: 'measured', result: outcome.result.ms } : outcome;
}

interface Pair {
  /** Until both are answered, boots not counted. */
  readonly ms: number;
  readonly delay: EventLoopDelay | null;
}

async function onServers(peer: Peer, servers: number): Promise<Pair> {
  const started: RunningPeer[] = [];
  try {
    for (let index = 0; index < servers; index += 1) started.push(await RunningPeer.start(peer, { ownSession: true }));
    const own = peer.kind === 'own' ? started[0] : undefined;
    // What it counted until now is not asked for, and asking begins anew.
    await own?.readDelay();
    const sinceMs = nowMs();
    const asked = Array.from({ length: LONG_AT_ONCE }, (_, index) => {
      const port = started[index % started.length]?.port ?? 0;
      return ask({ port, number: PAIR_NUMBER, agent: false, limitMs: LIMIT_MS, sinceMs });
    });
    for (const outcome of await Promise.all(asked)) {
      if (outcome.kind !== 'answered') throw new Error(`${peer.name}: a long request alone was not answered (${outcome.kind})`);
    }
    const ms = nowMs() - sinceMs;
    return { ms, delay: (await own?.readDelay()) ?? null };
  } finally {
    for (const server of started) await server.end();
  }
}
