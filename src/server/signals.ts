import { publish } from '../events/events.ts';
import type { PreforkServer } from './serve.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** How long the end may take when nothing is waited for any more: every worker has had SIGKILL, and is read to its last bytes. */
const LAST_MS = 3000;

/** Ends the server on SIGINT and SIGTERM: the first one lets it finish what it has, the second one cuts it off. */
export function closeOnSignals(server: PreforkServer): void {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    count += 1;
    const isForced = count > 1;
    if (count <= 2) {
      clearTimeout(timer);
      timer = setTimeout(endStuck, (isForced ? 0 : server.settings.shutdownTimeoutMs) + LAST_MS);
    }
    void server.close({ force: isForced });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  void server.closed.then(() => {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  });
}

/**
 * `Worker#terminate` does not get at a thread that sits in native code or in a system call, and `process.exit` waits for all
 * threads. Only a signal ends such a process; processes that are left end with it, through their watchdogs and the sentinel.
 */
function endStuck(): void {
  publish({
    type: 'server:notice',
    message: 'a thread (or process) that sits in native code or a system call can not be ended: the server ends by SIGKILL',
  });
  process.kill(process.pid, 'SIGKILL');
}
