import type { ObservationAnswer } from '../channel/messages.ts';
import { inspectMainThread } from './main-thread.ts';
import { Observer } from './observer.ts';

/**
 * Looks into the main thread of this process, for its watchdog.
 *
 * @param isOfCluster whether it is a worker of mode cluster, which listens by itself
 */
export function observeMainThread(isOfCluster: boolean, answer: (answer: ObservationAnswer) => void): Observer {
  return new Observer(() => inspectMainThread(isOfCluster), answer);
}
