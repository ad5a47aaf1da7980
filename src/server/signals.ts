import type { PreforkServer } from './serve.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ends the server on SIGINT and SIGTERM: the first one lets it finish what it has, the second one cuts it off. */
export function closeOnSignals(server: PreforkServer): void {
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    void server.close({ force: count > 1 });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  void server.closed.then(() => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  });
}
