import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does something that has to be tidied up when it is interrupted: its signal aborts at the first SIGINT, SIGTERM or SIGHUP, and at the second
 * one the process ends as it would have without this.
 *
 * @returns the signal that cut it short; undefined when it came to its own end
 * @throws what the work threw, unless it was cut short
 */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<NodeJS.Signals | undefined> {
  const ending = new AbortController();
  let interruptedBy: NodeJS.Signals | undefined;
  const forget = (): void => SIGNALS.forEach((name) => process.off(name, interrupt));
  function interrupt(name: NodeJS.Signals): void {
    interruptedBy = name;
    forget();
    ending.abort();
  }
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await work(ending.signal);
    return undefined;
  } catch (error) {
    if (interruptedBy === undefined) throw error;
    return interruptedBy;
  } finally {
    forget();
  }
}

/** Ends the process by the signal that it got, so that the shell knows; nothing of ours may listen to it any more. */
export function endBySignal(name: NodeJS.Signals): void {
  process.exitCode = 128 + constants.signals[name];
  process.kill(process.pid, name);
}
