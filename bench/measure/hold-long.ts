import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from '../now.ts';
import { LongRequests } from './long-requests.ts';
import { cpuSecondsOf } from './processes.ts';
import type { RunningPeer } from './running-peer.ts';

/** The server gets this long to have the long requests, and more for each: a pool may boot a process for it. */
const SETTLE_MS = 1500;
const SETTLE_EACH_MS = 100;
/** CPU time that shows that it computes. */
const BUSY_SECONDS = 0.5;
const LIMIT_MS = 15_000;

/** Long requests that are open on a peer. */
export interface HeldLong {
  /** CPU time that the peer had used when the short ones began. */
  readonly cpuSeconds: number;
  readonly requests: LongRequests;
}

/** Opens long requests, one for each route, and waits until the peer is at work on them. */
export async function holdLong(peer: RunningPeer, routes: readonly string[]): Promise<HeldLong> {
  const count = routes.length;
  const before = cpuSecondsOf(peer.family);
  const requests = new LongRequests(peer.port, routes);
  const startMs = nowMs();
  let cpuSeconds = 0;
  // None has nothing to wait for.
  const isSettled = (): boolean => {
    const elapsedMs = nowMs() - startMs;
    if (count === 0 || elapsedMs > LIMIT_MS) return true;
    return elapsedMs > SETTLE_MS + count * SETTLE_EACH_MS && cpuSeconds >= BUSY_SECONDS;
  };
  while (!isSettled()) {
    await wait(100);
    cpuSeconds = cpuSecondsOf(peer.family) - before;
  }
  return { cpuSeconds, requests };
}
