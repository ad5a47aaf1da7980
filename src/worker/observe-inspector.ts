import type { InspectedThread } from '../channel/observation.ts';
import { Relay } from './relay.ts';
import { within } from './within.ts';

const ANSWERS_WITHIN_MS = 10_000;

const OPEN = `(() => {
  const inspector = process.getBuiltinModule('node:inspector');
  const before = inspector.url();
  if (before === undefined) inspector.open(0, '127.0.0.1', false);
  return [inspector.url(), before === undefined];
})()`;
const CLOSE = `process.getBuiltinModule('node:inspector').close()`;

/** Several may want it at once: the last of them closes it. */
export interface InspectorUse {
  users: number;
  /** We opened it: one that the handler opened by itself is not ours to close. */
  isOurs: boolean;
  /** Whoever comes now opens it anew. */
  closing: Promise<unknown>;
}

/**
 * Opens the inspector, tells its URL, and closes it when the signal aborts: all of that also in the middle of a loop without end.
 *
 * @param quiet resolves when nobody takes a stack any more
 * @param goOn resolves when the thread does not stand still any more
 */
export async function observeInspector(
  thread: InspectedThread,
  use: InspectorUse,
  signal: AbortSignal,
  quiet: Promise<void>,
  goOn: () => Promise<unknown>,
  ask: (expression: string) => Promise<unknown>,
  tell: (url: string) => Promise<void>,
): Promise<void> {
  if (!thread.hasInspector)
    throw new Error('a thread has no inspector of its own, only its whole process has: use mode pool to debug this handler');
  // From now on nobody begins to take a stack: that would let a thread go on that the debugger has stopped.
  use.users += 1;
  // It may be opened later than anybody waits for it, and is to be closed all the same.
  const opened = Promise.allSettled([quiet, use.closing]).then(async () => {
    const [url, byUs] = (await ask(OPEN)) as [string, boolean];
    if (byUs) use.isOurs = true;
    return url;
  });
  let relay: Relay | undefined;
  try {
    const url = new URL(await within(opened, ANSWERS_WITHIN_MS, thread, signal));
    relay = await Relay.open(Number(url.port));
    url.hostname = '127.0.0.1';
    url.port = String(relay.port);
    await tell(url.href);
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
      if (signal.aborted) resolve(undefined);
    });
  } finally {
    await relay?.close();
    await opened.catch(() => {});
    use.users -= 1;
    if (use.users === 0 && use.isOurs) {
      use.isOurs = false;
      // A thread that a debugger has stopped would crash over it (Node 20 to 26): first it has to go on.
      use.closing = goOn().then(() => ask(CLOSE));
      await use.closing;
    }
  }
}
