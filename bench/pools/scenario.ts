import { join } from 'node:path';
import { PartlyMeasured } from '../matrix/partly-measured.ts';
import type { Column, Effort, Goal, Round, Scenario, Value } from '../matrix/scenario.ts';
import { runProgram } from '../measure/run-program.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { POOLS, type FunctionPool } from './contenders.ts';

const FOLDER = join(BENCH_FOLDER, 'pools');
const WORKERS = 2;
const LIMIT_MS = 120_000;

interface Load extends Column {
  readonly task: 'next' | 'total' | 'stamp';
  readonly inFlight: number;
}

const LOADS: readonly Load[] = [
  { name: 'n + 1, 64 in flight', unit: 'tasks/s', better: 'more', task: 'next', inFlight: 64 },
  { name: 'n + 1, one at a time', unit: 'tasks/s', better: 'more', task: 'next', inFlight: 1 },
  { name: '1 KB object, 64 in flight', unit: 'tasks/s', better: 'more', task: 'total', inFlight: 64 },
  { name: '1 KB object, one at a time', unit: 'tasks/s', better: 'more', task: 'total', inFlight: 1 },
  { name: '1 MB both ways, 64 in flight', unit: 'tasks/s', better: 'more', task: 'stamp', inFlight: 64 },
  { name: '1 MB both ways, one at a time', unit: 'tasks/s', better: 'more', task: 'stamp', inFlight: 1 },
];
const [MANY, SINGLE] = LOADS.map(({ name }) => name) as [string, string];
const LARGE = '1 MB both ways, 64 in flight';
const GROWN = '1 MB both ways, 64 in flight: memory grown';

/** What `run-one.mjs` prints. */
interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the calling process, a task. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
  /** By so much its resident memory was larger at most while it was measured. */
  readonly grownBytes: number;
}

const [PROCESSES, THREADS] = ['prefork processes', 'prefork threads'];

function isPeer(over: FunctionPool['over']): (name: string) => boolean {
  return (name) => POOLS.some((pool) => pool.name === name && pool.kind === 'peer' && pool.over === over);
}

function atLeast(key: string, goal: string, bound: number, figure: (of: Round) => number): Goal {
  return { key, goal, bound, kind: 'least', unit: 'times', figure };
}

const GOALS: readonly Goal[] = [
  atLeast(
    'many-processes',
    'n + 1 in processes: at least 4 times the fastest process pool',
    4,
    (of) => of.value(PROCESSES, MANY) / of.most(MANY, isPeer('processes')),
  ),
  atLeast(
    'many-threads',
    'n + 1 in processes: at least 2 times the fastest thread pool',
    2,
    (of) => of.value(PROCESSES, MANY) / of.most(MANY, isPeer('threads')),
  ),
  {
    key: 'round-trip',
    goal: 'one at a time: at most 1.2 times the round trip of a bare socket',
    bound: 1.2,
    kind: 'most',
    unit: 'times',
    figure: (of) => of.value('socket processes', SINGLE) / of.value(PROCESSES, SINGLE),
  },
  atLeast(
    'threads',
    'n + 1 in threads: faster than the fastest thread pool',
    1,
    (of) => of.value(THREADS, MANY) / of.most(MANY, isPeer('threads')),
  ),
  atLeast(
    'large',
    '1 MB both ways: at least 3 times the fastest process pool',
    3,
    (of) => of.value(PROCESSES, LARGE) / of.most(LARGE, isPeer('processes')),
  ),
  atLeast(
    'many-fork',
    'n + 1 in processes, beside child_process.fork by hand: faster',
    1,
    (of) => of.value(PROCESSES, MANY) / of.value('fork processes', MANY),
  ),
  atLeast(
    'large-fork',
    '1 MB both ways, beside child_process.fork by hand: faster',
    1,
    (of) => of.value(PROCESSES, LARGE) / of.value('fork processes', LARGE),
  ),
];

/** Tasks a second of function pools. */
export const POOL: Scenario<FunctionPool> = {
  name: 'pool',
  title: 'Function pools: tasks a second',
  about: [
    `${WORKERS} workers; n + 1, an object of 1 KB, 1 MB of bytes there and back; 64 tasks in flight, and one at a time. Each pool runs in a process of its own, warmed up; each result is checked.`,
    'A pool that has a faster setting has it.',
  ].join('\n'),
  contenders: POOLS,
  columns: [...LOADS.map(({ name, unit, better }) => ({ name, unit, better })), { name: GROWN, unit: 'MB', better: 'less' }],
  plotted: LOADS.map(({ name }) => name),
  goals: GOALS,
  rounds: 5,
  seconds: 2,
  async measure(pool, effort) {
    const values: Value[] = [];
    const faults: string[] = [];
    for (const load of LOADS.filter(({ name }) => effort.wants(name))) {
      try {
        values.push(...(await measureLoad(pool, load, effort)));
      } catch (error) {
        faults.push(`${load.name}: ${(error as Error).message}`);
      }
    }
    if (faults.length > 0) throw new PartlyMeasured(values, faults);
    return values;
  },
};

async function measureLoad({ file }: FunctionPool, load: Load, { seconds, build }: Effort): Promise<readonly Value[]> {
  const { task, inFlight, name } = load;
  const args = ['run-one.mjs', file, task, inFlight, seconds, WORKERS].map(String);
  const sample = await runProgram<Sample>(args, FOLDER, LIMIT_MS, build);
  const rate = { column: name, value: sample.perSecond, detail: { ...sample } };
  return name === LARGE ? [rate, { column: GROWN, value: sample.grownBytes / 1e6 }] : [rate];
}
