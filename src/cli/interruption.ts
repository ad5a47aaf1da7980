import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP, with its name as the reason. Whoever asks for this has to end in order by itself then; a second
 * signal ends the process as it would have without this.
 */
export function abortOnSignals(): AbortSignal {
  const ending = new AbortController();
  const abort = (name: NodeJS.Signals): void => {
    for (const each of SIGNALS) process.off(each, abort);
    ending.abort(name);
  };
  for (const name of SIGNALS) process.on(name, abort);
  return ending.signal;
}

/** Ends the process by the signal that it got, so that a shell knows that it did not come to its own end. */
export function endAsInterrupted({ reason }: AbortSignal): void {
  const name = SIGNALS.find((each) => each === reason) ?? 'SIGTERM';
  process.exitCode = 128 + constants.signals[name];
  process.kill(process.pid, name);
}
