import type { ObservationAnswer } from '../channel/messages.ts';
import { inspectMainThread } from './main-thread.ts';
import { Observer } from './observer.ts';

/** Looks into the main thread of this process, for its watchdog. */
export function observeMainThread(answer: (answer: ObservationAnswer) => void): Observer {
  return new Observer(inspectMainThread, answer);
}
