/** `npm run simulate`. What it prints on stdout follows from its flags to the byte; how long it took goes to stderr. */
import { Violation } from './audit/violation.ts';
import { bootsTable, compareBoots } from './compare/boots.ts';
import { compareAndDraw } from './compare/compare-and-draw.ts';
import { HELP, readOptions } from './options.ts';
import { runSeed } from './world/run-seed.ts';
import { toLine, toReport } from './world/summary.ts';

const BOOTS = { cpuCounts: [2, 8], worlds: 20 };

const beganAtMs = performance.now();
const reading = readOptions(process.argv.slice(2));
try {
  switch (reading.kind) {
    case 'help':
      console.log(HELP);
      break;
    case 'wrong':
      fail(`${reading.message}; see npm run simulate -- --help`, 2);
      break;
    case 'replay': {
      const trace = reading.trace ? { trace: (line: string) => console.log(line) } : {};
      const outcome = runSeed(reading.seed, reading.events, trace);
      console.log(toReport(outcome));
      sayPace(outcome.chronicle.eventCount);
      break;
    }
    case 'several':
      runSeveral(reading.seeds, reading.events);
      break;
    case 'compare':
      compareAndDraw(reading.out, console.log);
      sayPace(undefined);
      break;
    case 'boots':
      console.log(bootsTable(compareBoots(BOOTS.cpuCounts, BOOTS.worlds)));
      sayPace(undefined);
  }
} catch (error) {
  if (!(error instanceof Violation)) throw error;
  fail(error.message, 1);
}

function runSeveral(seeds: number, events: number): void {
  let total = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const outcome = runSeed(seed, events);
    total += outcome.chronicle.eventCount;
    console.log(toLine(outcome));
  }
  console.log(`${seeds} seeds, ${total} events: nothing happened that must not`);
  sayPace(total);
}

function sayPace(events: number | undefined): void {
  const tookMs = performance.now() - beganAtMs;
  const pace = events === undefined ? '' : `, ${Math.round(events / (tookMs / 1000))} events a second`;
  console.error(`simulate: took ${(tookMs / 1000).toFixed(1)} s${pace}`);
}

function fail(message: string, exitCode: number): void {
  console.error(`simulate: ${message}`);
  process.exitCode = exitCode;
}
