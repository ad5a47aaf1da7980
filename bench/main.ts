/** `npm run bench`: measures prefork beside its peers and writes what it found. See docs/performance.md. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { diagnose } from './diagnose/run.ts';
import { helpText } from './help.ts';
import { endAllNow } from './measure/running-peer.ts';
import { readOptions, type Options } from './options.ts';
import { BENCH_FOLDER } from './paths.ts';
import { PEERS } from './peers/catalogue.ts';
import { measurePools } from './pools/run.ts';
import { toTerminal } from './report/terminal.ts';
import { writeResults } from './report/write.ts';
import { run } from './run.ts';

const words = process.argv.slice(2);
if (words[0] === 'diagnose') await diagnose(console.log);
else if (words[0] === 'pool') measureFunctionPools();
else await measurePeers();

/** `npm run bench -- pool [--quick] [--out FOLDER]` */
function measureFunctionPools(): void {
  try {
    const { values } = parseArgs({
      args: words.slice(1),
      options: { quick: { type: 'boolean', default: false }, out: { type: 'string' } },
    });
    measurePools({ rounds: values.quick ? 1 : 5, seconds: values.quick ? 1 : 2, out: values.out }, console.log);
  } catch (error) {
    fail(`${(error as Error).message.split('\n')[0]}; see npm run bench -- --help`, 2);
  }
}

async function measurePeers(): Promise<void> {
  const reading = readOptions(
    words,
    PEERS.map(({ name }) => name),
  );
  switch (reading.kind) {
    case 'help':
      console.log(helpText());
      break;
    case 'wrong':
      fail(`${reading.message}; see npm run bench -- --help`, 2);
      break;
    case 'run':
      if (existsSync('/proc/self/stat')) await measure(reading.options);
      else fail('found no /proc, expected Linux: processes are found and their CPU time is read there', 1);
  }
}

async function measure(options: Options): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endAllNow();
      process.kill(process.pid, signal);
    });
  }
  try {
    const results = await run(options, console.log);
    console.log(`\n${toTerminal(results)}\n`);
    const folder = options.out === undefined ? join(BENCH_FOLDER, 'results') : resolve(options.out);
    for (const path of writeResults(results, folder)) console.log(`wrote ${relative(process.cwd(), path)}`);
  } catch (error) {
    endAllNow();
    fail((error as Error).message, 1);
  }
}

function fail(message: string, exitCode: number): void {
  console.error(`bench: ${message}`);
  process.exitCode = exitCode;
}
