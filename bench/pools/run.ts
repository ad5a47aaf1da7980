/**
 * `npm run bench -- pool`: tasks a second of function pools, with two workers, all of them in one run: n + 1, an object of 1 KB, 1 MB both ways;
 * 64 in flight, and one at a time. Each pool runs in a process of its own, in rounds, each round in another order; each result is checked.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BENCH_FOLDER } from '../paths.ts';
import { collectVersions, describeMachine } from '../report/machine.ts';
import { spreadOf } from '../report/statistics.ts';
import { shuffled } from '../shuffled.ts';
import { type Contender, CONTENDERS } from './contenders.ts';
import { toMarkdown } from './markdown.ts';
import { type Load, LOADS, type PoolFigure, type Sample, WORKERS } from './results.ts';

const POOLS_FOLDER = join(BENCH_FOLDER, 'pools');
const LONGEST_MS = 120_000;

export interface PoolOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string | undefined;
}

export function measurePools({ rounds, seconds, out }: PoolOptions, say: (line: string) => void): void {
  const there = CONTENDERS.filter(({ missing }) => missing === undefined);
  for (const { name, missing } of CONTENDERS) if (missing !== undefined) say(`${name}: ${missing}`);
  const samples = new Map<string, Sample[]>();
  const failures = new Map<string, string>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const load of LOADS) {
      for (const contender of shuffled(there)) {
        const key = keyOf(contender, load);
        try {
          const sample = runOne(contender, load, seconds);
          samples.set(key, [...(samples.get(key) ?? []), sample]);
          say(`round ${round} of ${rounds}  ${load.what}: ${contender.name} ${Math.round(sample.perSecond)} tasks/s`);
        } catch (error) {
          failures.set(key, (error as Error).message);
          say(`round ${round} of ${rounds}  ${load.what}: ${contender.name} failed: ${(error as Error).message}`);
        }
      }
    }
  }
  const figures = LOADS.flatMap((load) =>
    there.map((contender): PoolFigure => {
      const key = keyOf(contender, load);
      const measured = samples.get(key) ?? [];
      return {
        contender: contender.name,
        load: load.what,
        samples: measured,
        perSecond: spreadOf(measured.map(({ perSecond }) => perSecond)),
        failure: failures.get(key) ?? null,
      };
    }),
  );
  const date = new Date().toISOString();
  const results = {
    date,
    machine: describeMachine(),
    versions: collectVersions(),
    rounds,
    seconds,
    contenders: CONTENDERS,
    figures,
  };
  const folder = out === undefined ? join(BENCH_FOLDER, 'results') : resolve(out);
  mkdirSync(folder, { recursive: true });
  const stem = join(folder, `pool-${date.slice(0, 16).replace(':', '')}`);
  const page = toMarkdown(results);
  writeFileSync(`${stem}.json`, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(`${stem}.md`, page);
  say(`\n${page}\nwrote ${relative(process.cwd(), stem)}.json and .md`);
}

function keyOf({ name }: Contender, { what }: Load): string {
  return `${name}: ${what}`;
}

function runOne({ file }: Contender, { task, inFlight }: Load, seconds: number): Sample {
  const args = ['run-one.mjs', file, task, inFlight, seconds, WORKERS].map(String);
  try {
    const output = execFileSync(process.execPath, args, {
      cwd: POOLS_FOLDER,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Sample;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(/^\w*Error.*$/m.exec(stderr)?.[0].slice(0, 200) ?? 'it did not end', { cause: error });
  }
}
