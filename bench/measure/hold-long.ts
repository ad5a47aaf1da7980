import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from '../load/ask.ts';
import { LONG_NUMBER } from '../load/phases.ts';
import { nowMs } from '../now.ts';
import { cpuSecondsOf } from './processes.ts';
import type { RunningPeer } from './running-peer.ts';

/** The server gets this long to have the long requests, and more for each: a pool may boot a process for it. */
const SETTLE_MS = 1500;
const SETTLE_EACH_MS = 100;
/** CPU time that shows that it computes. */
const BUSY_SECONDS = 0.5;
const LIMIT_MS = 15_000;
const LONG_LIMIT_MS = 3_600_000;

/** Long requests that are open on a peer. */
export interface HeldLong {
  /** CPU time that the peer had used when the short ones began. */
  readonly cpuSeconds: number;
  /** How many are still open. */
  open(): number;
  /** What became of those that are not, by what happened. */
  ended(): Readonly<Record<string, number>>;
  abort(): void;
}

/** Opens `count` long requests, each on a connection of its own, and waits until the peer is at work on them. */
export async function holdLong(peer: RunningPeer, count: number): Promise<HeldLong> {
  const controller = new AbortController();
  // One for each request.
  setMaxListeners(0, controller.signal);
  const ended: Record<string, number> = {};
  let open = count;
  const before = cpuSecondsOf(peer.family);
  for (let index = 0; index < count; index += 1) {
    const question = { port: peer.port, number: LONG_NUMBER, agent: false, limitMs: LONG_LIMIT_MS, sinceMs: nowMs() } as const;
    void ask({ ...question, signal: controller.signal }).then((outcome) => {
      open -= 1;
      const what = outcome.kind === 'failed' ? outcome.why : outcome.kind;
      ended[what] = (ended[what] ?? 0) + 1;
    });
  }
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
  return { cpuSeconds, open: () => open, ended: () => ended, abort: () => controller.abort() };
}
