/** `npm run bench -- diagnose`: how soon a loop is found, and what the watchdog costs that finds it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_FOLDER } from '../paths.ts';
import { describeMachine } from '../report/machine.ts';
import { measureTrace } from './trace-latency.ts';
import { measureWatchdog } from './watchdog-cost.ts';

const TRIES = 200;
const ROUNDS = 9;

export async function diagnose(say: (line: string) => void): Promise<void> {
  say(`asking a worker in an endless loop for its stack, ${TRIES} times`);
  const trace = await measureTrace(TRIES);
  say(`question to stack  p50 ${trace.toStack.p50.toFixed(1)} ms, p99 ${trace.toStack.p99.toFixed(1)} ms`);
  say(
    `question to answer p50 ${trace.toAnswer.p50.toFixed(0)} ms, p99 ${trace.toAnswer.p99.toFixed(0)} ms (three looks, 100 ms apart)`,
  );
  say(`a bare node:http server with a watchdog and without, ${ROUNDS} rounds`);
  const watchdog = await measureWatchdog(ROUNDS);
  const { withIt, without } = watchdog;
  say(`memory     ${((withIt.rssBytes - without.rssBytes) / 1e6).toFixed(1)} MB more`);
  say(`boot       ${(withIt.bootMs / without.bootMs).toFixed(3)} times (${without.bootMs.toFixed(0)} ms without)`);
  say(
    `requests/s ${(withIt.requestsPerSecond / without.requestsPerSecond).toFixed(3)} times (${without.requestsPerSecond.toFixed(0)} without)`,
  );
  const date = new Date().toISOString();
  const path = join(BENCH_FOLDER, 'results', `diagnose-${date.slice(0, 16).replace(':', '')}.json`);
  writeFileSync(path, `${JSON.stringify({ date, machine: describeMachine(), trace, watchdog }, null, 2)}\n`);
  say(`wrote ${path}`);
}
