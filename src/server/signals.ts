import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { publish } from '../events/events.ts';
import type { PreforkServer } from './serve.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** How long the end may take when nothing is waited for any more: every worker has had SIGKILL, and is read to its last bytes. */
const LAST_MS = 3000;

/**
 * Ends the server on SIGINT and SIGTERM: the first one lets it finish what it has, the second one cuts it off. SIGHUP reloads the code of the
 * handler; when it came because the server's terminal is gone, it ends the server as SIGTERM does.
 */
export function closeOnSignals(server: PreforkServer): void {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const onSignal = (): void => {
    if (isClosed) return;
    count += 1;
    const isForced = count > 1;
    if (count <= 2) {
      clearTimeout(timer);
      timer = setTimeout(endStuck, (isForced ? 0 : server.settings.shutdownTimeoutMs) + LAST_MS);
    }
    void server.close({ force: isForced });
  };
  const isInteractive = isatty(2);
  let isHungUp = false;
  const onHangup = (): void => {
    // What becomes of a reload is in the log.
    if (!isInteractive || !isGone(2)) server.reload().catch(() => undefined);
    else if (!isHungUp) {
      isHungUp = true;
      onSignal();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('SIGHUP', onHangup);
  void server.closed.then(() => {
    clearTimeout(timer);
    // They are heard until the process is gone: the second of two signals that came at once would else be the end of one that has ended well.
    isClosed = true;
    process.off('SIGHUP', onHangup);
    // At its exit Node sets the terminal back, and aborts where there is none any more (ResetStdio in node.cc): so it ends by the signal.
    if (isHungUp) process.kill(process.pid, 'SIGHUP');
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

/** A terminal that was hung up takes not even nothing. */
function isGone(terminal: number): boolean {
  try {
    writeSync(terminal, '');
    return false;
  } catch {
    return true;
  }
}
