/** `npm run bench`: measures prefork beside its peers and writes what it found. See docs/performance.md. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { chooseBefore, WrongBefore } from './before/choose.ts';
import { diagnose } from './diagnose/run.ts';
import { helpText } from './help.ts';
import { SCENARIOS } from './matrix/catalogue.ts';
import { readMatrixOptions } from './matrix/options.ts';
import { runQuick } from './matrix/quick.ts';
import { runMatrix } from './matrix/run-matrix.ts';
import { endAllNow } from './measure/family.ts';
import { readOptions, type Options } from './options.ts';
import { BENCH_FOLDER, ROOT_FOLDER } from './paths.ts';
import { PEERS } from './peers/catalogue.ts';
import { writeDocs } from './matrix/docs.ts';
import { toTerminal } from './report/terminal.ts';
import { writeResults } from './report/write.ts';
import { run } from './run.ts';

const words = process.argv.length > 2 ? process.argv.slice(2) : ['all'];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endAllNow();
    process.kill(process.pid, signal);
  });
}
try {
  if (words[0] === 'diagnose') await diagnose(console.log);
  else await measureMatrix();
} catch (error) {
  endAllNow();
  if (error instanceof WrongBefore) failUsage(error.message);
  else fail((error as Error).message, 1);
}

/** Scenarios with contenders and columns; everything else is `mixed` and what belongs to it. */
async function measureMatrix(): Promise<void> {
  const reading = readMatrixOptions(words, SCENARIOS);
  switch (reading.kind) {
    case 'other':
      await measureMixed();
      break;
    case 'wrong':
      failUsage(reading.message);
      break;
    case 'run':
      if (hasProc()) {
        const { options } = reading;
        await runMatrix(
          SCENARIOS.filter(({ name }) => options.scenarios.includes(name)),
          options,
          await chooseBefore(options.before, ROOT_FOLDER, console.log),
          console.log,
        );
      }
      break;
    case 'quick':
      if (hasProc()) await compareWithRecorded(reading.scenarios, reading.isToRecord);
      break;
    case 'docs':
      for (const line of writeDocs(SCENARIOS)) console.log(line);
      break;
  }
}

async function compareWithRecorded(scenarios: readonly string[], isToRecord: boolean): Promise<void> {
  const meant = SCENARIOS.filter(({ name }) => scenarios.includes(name));
  if (!(await runQuick(meant, isToRecord, console.log))) process.exitCode = 1;
}

async function measureMixed(): Promise<void> {
  const reading = readOptions(words, {
    peers: PEERS.map(({ name }) => name),
    others: ['all', ...SCENARIOS.map(({ name }) => name), 'docs', 'diagnose'],
  });
  switch (reading.kind) {
    case 'help':
      console.log(helpText());
      break;
    case 'wrong':
      failUsage(reading.message);
      break;
    case 'run':
      if (hasProc()) await measure(reading.options);
  }
}

async function measure(options: Options): Promise<void> {
  const results = await run(options, await chooseBefore(options.before, ROOT_FOLDER, console.log), console.log);
  console.log(`\n${toTerminal(results)}\n`);
  const folder = options.out === undefined ? join(BENCH_FOLDER, 'results') : resolve(options.out);
  for (const path of writeResults(results, folder)) console.log(`wrote ${relative(process.cwd(), path)}`);
}

function hasProc(): boolean {
  if (existsSync('/proc/self/stat')) return true;
  fail('found no /proc, expected Linux: processes are found and their CPU time is read there', 1);
  return false;
}

/** What is wrong with the command line. */
function failUsage(message: string): void {
  fail(`${message}; see npm run bench -- --help`, 2);
}

function fail(message: string, exitCode: number): void {
  console.error(`bench: ${message}`);
  process.exitCode = exitCode;
}
