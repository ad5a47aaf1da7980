/**
 * The load generator: a process of its own, so that neither the server nor the run that watches it share its event loop. It takes
 * orders over its IPC channel, one at a time, and ends when that closes.
 */
import { isOrder, type Report } from './orders.ts';
import type { PhaseResult } from './phases.ts';
import { runPhase } from './run-phase.ts';

process.on('message', (message: unknown) => {
  if (!isOrder(message)) throw new TypeError(`the generator got ${JSON.stringify(message)}, expected an order`);
  const { port, phases } = message;
  void (async () => {
    const results: PhaseResult[] = [];
    for (const phase of phases) results.push(await runPhase(port, phase));
    process.send?.({ results } satisfies Report);
  })();
});
