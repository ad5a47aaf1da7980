import { readdirSync } from 'node:fs';
import v8 from 'node:v8';
import { ChannelExchange } from '../../src/http/channel-exchange.ts';
import { Exchange } from '../../src/http/exchange.ts';
import { SupervisedWorker } from '../../src/supervisor/supervised-worker.ts';
import { descendants } from '../support/processes.ts';

/** What a process holds; all that has to be the same again when the requests are over. */
export interface Holdings {
  /** Entries of /proc/self/fd. */
  readonly descriptors: number;
  /** What keeps the event loop alive, timers and sockets among it, and how many of each: `process.getActiveResourcesInfo()`. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners of all events of `process`. */
  readonly listeners: number;
  /** Live processes that this one or its children started. */
  readonly processes: number;
}

/** Objects that exist, counted by V8 after a garbage collection: one that is still referenced from anywhere is among them. */
export interface ObjectCounts {
  readonly exchanges: number;
  readonly channelExchanges: number;
  readonly workers: number;
}

export function measureHoldings(): Holdings {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo().toSorted()) resources[kind] = (resources[kind] ?? 0) + 1;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    resources,
    listeners,
    processes: descendants(process.pid).length,
  };
}

/** Each of them collects garbage, for tens of milliseconds: nothing to ask for again and again. */
export function countObjects(): ObjectCounts {
  return {
    exchanges: v8.queryObjects(Exchange, { format: 'count' }),
    channelExchanges: v8.queryObjects(ChannelExchange, { format: 'count' }),
    workers: v8.queryObjects(SupervisedWorker, { format: 'count' }),
  };
}

/** The heap without garbage. Needs `--expose-gc`. */
export function measureHeapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('found no gc(), expected node to run with --expose-gc');
  // What a finalizer lets go is garbage for the next one only.
  for (let round = 0; round < 4; round += 1) gc();
  return process.memoryUsage().heapUsed;
}
