import { type Channel, channel } from 'node:diagnostics_channel';

/**
 * What the rooms of the primary tell the world, each on the diagnostics channel `prefork:<type>`. Whoever wants to know
 * subscribes; nobody has to. Publishing without a subscriber costs next to nothing.
 */
export type PreforkEvent =
  | { readonly type: 'server:listening'; readonly url: string; readonly mode: string }
  | { readonly type: 'server:draining'; readonly running: number }
  | { readonly type: 'server:closed'; readonly lost: number }
  | { readonly type: 'server:notice'; readonly message: string }
  | { readonly type: 'server:reloading'; readonly generation: number }
  /** `replaced` workers with the old code were told to end after what they run. */
  | { readonly type: 'server:reloaded'; readonly generation: number; readonly replaced: number; readonly tookMs: number }
  /** The old code, of this generation, serves on. */
  | { readonly type: 'server:reload-failed'; readonly generation: number; readonly code: string; readonly message: string }
  | ({ readonly type: 'worker:starting' } & WorkerName)
  | ({ readonly type: 'worker:ready'; readonly bootMs: number } & WorkerName)
  | ({
      readonly type: 'worker:health';
      readonly health: 'alive' | 'busy' | 'hung';
      readonly eventLoopDelayMs: number;
    } & WorkerName)
  | ({ readonly type: 'worker:draining'; readonly reason: string } & WorkerName)
  | ({ readonly type: 'worker:killing'; readonly reason: string } & WorkerName)
  /** `unexpected` when nobody asked for the end. */
  | ({ readonly type: 'worker:gone'; readonly reason: string; readonly unexpected: boolean } & WorkerName)
  | ({
      readonly type: 'worker:boot-failed';
      readonly code: string;
      readonly message: string;
      readonly stack: string;
      /** It tried new code; who asked for that is told why it failed. */
      readonly isTrial?: boolean;
    } & WorkerName)
  | ({ readonly type: 'worker:output'; readonly stream: 'stdout' | 'stderr'; readonly line: string } & WorkerName)
  | { readonly type: 'boots:paused'; readonly failures: number; readonly retryMs: number }
  | { readonly type: 'boots:resumed' }
  /** It outlived the quantum: its worker counts as one of the long lane. */
  | ({ readonly type: 'task:demoted'; readonly task: number } & WorkerName)
  /** The same with the long lane full: it may be started again, so its worker ends and it waits for the long lane. */
  | ({ readonly type: 'task:requeued'; readonly task: number } & WorkerName)
  /** The same for one that may not: it keeps a worker that was reserved for short tasks. */
  | ({ readonly type: 'task:overstays'; readonly task: number } & WorkerName)
  /** It was sent to a worker that did not get to it, and was taken back before it began. */
  | ({ readonly type: 'task:revoked'; readonly task: number } & WorkerName)
  /** Its worker ended, and it may be started again: it waits for another one. */
  | ({ readonly type: 'task:retried'; readonly task: number } & WorkerName)
  | { readonly type: 'task:started'; readonly task: number; readonly worker: number; readonly queuedMs: number }
  | {
      readonly type: 'task:ended';
      readonly task: number;
      readonly status: number;
      readonly code: string | null;
      readonly runMs: number;
    }
  /** A call of a pool is settled; `waitMs` and `runMs` are null for one that never began. */
  | {
      readonly type: 'call:ended';
      readonly name: string;
      readonly end: 'completed' | 'failed' | 'cancelled';
      readonly waitMs: number | null;
      readonly runMs: number | null;
    }
  /** Its worker ended, and it may be started again: it waits for another one. */
  | ({ readonly type: 'call:retried'; readonly name: string } & WorkerName)
  | {
      readonly type: 'task:failed';
      readonly task: number;
      readonly code: string;
      readonly message: string;
      readonly stack: string;
      readonly method: string;
      readonly target: string;
      readonly pid: number | null;
      /** How long it had run, null for one that was never started. */
      readonly runMs: number | null;
      /** Id of the incident that tells more. */
      readonly incident: string | null;
    }
  /** It has run for as long as is worth a report, and goes on. Figures of its worker as of the last heartbeat. */
  | ({
      readonly type: 'task:slow';
      readonly task: number;
      readonly incident: string;
      readonly method: string;
      readonly target: string;
      /** The key by which its cost is learned. */
      readonly route: string;
      readonly runMs: number;
      readonly cpuMs: number | null;
      readonly rssBytes: number | null;
      readonly eventLoopDelayMs: number | null;
      /** What it does, in one sentence; null when it could not be found out. */
      readonly summary: string | null;
      /** As V8 prints one; empty when there is none. */
      readonly stack: string;
    } & WorkerName);

export interface WorkerName {
  /** Counts from 1 in each server; never used twice. */
  readonly worker: number;
  readonly pid: number;
}

export type EventType = PreforkEvent['type'];

/** Each is looked up by its name once: some are for every task. */
const CHANNELS = new Map<EventType, Channel>();

export function publish(event: PreforkEvent): void {
  let target = CHANNELS.get(event.type);
  if (target === undefined) {
    target = channel(`prefork:${event.type}`);
    CHANNELS.set(event.type, target);
  }
  if (target.hasSubscribers) target.publish(event);
}
