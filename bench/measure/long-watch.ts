import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from '../now.ts';
import type { LongRequests } from './long-requests.ts';
import { cpuSecondsOfOne } from './processes.ts';
import type { WorkerSeen } from './read-workers.ts';
import type { RunningPeer } from './running-peer.ts';

/** What a long request got while it was watched. */
export interface LongFate {
  /** How long it waited for a worker; null where it never had one. */
  readonly waitedMs: number | null;
  /** CPU time of its worker while that ran it, as a share of one CPU. */
  readonly shareOfOneCpu: number;
  /** What became of it, such as `status 503`; null where it was open to the end. */
  readonly ended: string | null;
}

/** Seldom enough to take nothing from whom it looks at; what a worker used before the first look at it is lost. */
const LOOK_MS = 250;

/** Looks again and again who runs each of the long requests, and what CPU time that one used. */
export async function watchLong(
  server: RunningPeer,
  requests: LongRequests,
  seconds: number,
): Promise<{ readonly seconds: number; readonly fates: readonly LongFate[] }> {
  const watch = new LongWatch(requests, cpuSecondsOfOne);
  watch.look(await server.workers());
  const startMs = nowMs();
  for (let restMs = seconds * 1000; restMs > 0; restMs = startMs + seconds * 1000 - nowMs()) {
    await wait(Math.min(restMs, LOOK_MS));
    watch.look(await server.workers());
  }
  const elapsed = (nowMs() - startMs) / 1000;
  return { seconds: elapsed, fates: watch.fates(elapsed) };
}

interface Seen {
  waitedMs: number | null;
  cpuSeconds: number;
  /** Who ran it at the last look, and the CPU time that this one had used then. */
  at: { readonly pid: number; readonly cpuSeconds: number } | undefined;
}

/** Adds up what is seen of long requests from look to look. */
export class LongWatch {
  readonly #requests: Pick<LongRequests, 'urls' | 'sentAtMs' | 'outcomes'>;
  readonly #cpuSecondsOf: (pid: number) => number | undefined;
  readonly #seen: readonly Seen[];

  constructor(requests: Pick<LongRequests, 'urls' | 'sentAtMs' | 'outcomes'>, cpuSecondsOf: (pid: number) => number | undefined) {
    this.#requests = requests;
    this.#cpuSecondsOf = cpuSecondsOf;
    this.#seen = requests.urls.map(() => ({ waitedMs: null, cpuSeconds: 0, at: undefined }));
  }

  look(workers: readonly WorkerSeen[]): void {
    const { urls, sentAtMs } = this.#requests;
    for (const [index, seen] of this.#seen.entries()) {
      const worker = workers.find(({ task }) => task?.url === urls[index]);
      const cpuSeconds = worker === undefined ? undefined : this.#cpuSecondsOf(worker.pid);
      if (worker === undefined || cpuSeconds === undefined) {
        seen.at = undefined;
        continue;
      }
      const { pid, task } = worker;
      if (task !== null) seen.waitedMs ??= Math.max(0, task.startedAtMs - sentAtMs);
      if (seen.at?.pid === pid) seen.cpuSeconds += cpuSeconds - seen.at.cpuSeconds;
      seen.at = { pid, cpuSeconds };
    }
  }

  /** @param elapsed seconds from the first look to the last */
  fates(elapsed: number): readonly LongFate[] {
    const outcomes = this.#requests.outcomes();
    return this.#seen.map(({ waitedMs, cpuSeconds }, index) => ({
      waitedMs,
      shareOfOneCpu: cpuSeconds / elapsed,
      ended: outcomes[index] ?? null,
    }));
  }
}
