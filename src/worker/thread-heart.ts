import type { MessagePort } from 'node:worker_threads';
import v8 from 'node:v8';
import { decodeToWatchdog } from '../channel/codec.ts';
import { Link } from '../channel/link.ts';
import type { FromWatchdog, ToWatchdog } from '../channel/messages.ts';
import { portTransport } from '../channel/transport.ts';

const INTERVAL_MS = 500;

/**
 * A thread has no watchdog: it reports for itself, and falls silent while it computes. That is enough, since a thread
 * shares the fate of its process. Memory is that of its own heap; CPU is the time its event loop was not idle.
 */
export function beat(port: MessagePort): void {
  const link = new Link<ToWatchdog, FromWatchdog>(portTransport(port), decodeToWatchdog, { onMessage() {}, onClose() {} });
  port.unref();
  let expectedAt = performance.now() + INTERVAL_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    link.send({
      type: 'Heartbeat',
      vitals: {
        eventLoopDelayMs: Math.max(0, Math.round(now - expectedAt)),
        cpuMicros: Math.round(performance.eventLoopUtilization().active * 1000),
        rssBytes: v8.getHeapStatistics().total_heap_size,
      },
    });
    expectedAt = now + INTERVAL_MS;
  }, INTERVAL_MS);
  timer.unref();
}
