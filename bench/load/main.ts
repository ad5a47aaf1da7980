/**
 * The load generator: a process of its own, so that neither the server nor the run that watches it share its event loop. It takes
 * orders over its IPC channel, one at a time, and ends when that closes.
 */
import { isOrder, type Report } from './orders.ts';
import type { PhaseResult } from './phases.ts';
import { recover } from './recover.ts';
import { runPhase } from './run-phase.ts';

process.on('message', (message: unknown) => {
  if (!isOrder(message)) throw new TypeError(`the generator got ${JSON.stringify(message)}, expected an order`);
  const { port, phases } = message;
  void (async () => {
    const results: PhaseResult[] = [];
    for (const phase of phases) {
      const result = await runPhase(port, phase);
      results.push(result);
      if (result.latenciesMs.length < result.sent && results.length < phases.length) await recover(port);
    }
    process.send?.({ results } satisfies Report);
  })();
});

// Whoever gave the orders is gone: what is still being sent is for nobody.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
