import { tmpdir } from 'node:os';
import { availableMemory } from '../config/available-memory.ts';
import { observe, type Observable } from './observe.ts';

/**
 * Takes a snapshot of the heap of a worker's main thread, and hands it out piece by piece. The thread stands still while V8 makes it: about
 * 60 ms for each MB of small objects. What that takes in memory, up to 14 times the heap, counts neither as the handler's nor against
 * `--max-memory`; a worker that does not give it back is replaced after what it runs. A deadline goes on.
 *
 * @throws PreforkError ERR_OBSERVE before the first piece when machine or cgroup might not have the memory, or the temporary folder
 * not the room; also when the worker ends meanwhile; the reason of the signal when that aborts
 */
export function takeHeapSnapshot(worker: Observable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  return observe(worker, { what: 'heap', availableBytes: availableMemory(), folder: tmpdir() }, signal);
}
