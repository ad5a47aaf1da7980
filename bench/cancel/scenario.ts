import { join } from 'node:path';
import type { Contender, ContenderKind, Scenario } from '../matrix/scenario.ts';
import { runProgram } from '../measure/run-program.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage } from '../peers/needs.ts';
import { percentile } from '../report/statistics.ts';

const FOLDER = join(BENCH_FOLDER, 'cancel');
const LIMIT_MS = 60_000;
const TRIES = 8;
const QUICK_TRIES = 2;
const BOUND_MS = 100;

/** A pool, by its file in this folder. */
interface Way extends Contender {
  readonly file: string;
}

const [P50, LONGEST] = ['p50', 'longest'];
const [PROCESSES, THREADS, SERVE] = ['prefork processes', 'prefork threads', 'prefork serve'];

/** From the abort of a tight loop to a CPU that is free. */
export const CANCEL: Scenario<Way> = {
  name: 'cancel',
  title: 'From the abort of a loop that never ends to a free CPU',
  about: [
    'A task in a loop that never ends and listens to nothing is aborted in the way that the pool has for it; the time ends when the thread that it held is gone or sleeps, which is looked',
    `at every millisecond in /proc. Up to ${TRIES} tries a round, for some 5 s, each followed by a task that has to be done rightly. "never": it still computed after 5 s.`,
  ].join('\n'),
  contenders: [
    way(PROCESSES, 'own', 'prefork-reuse', 'createPool, the signal of a call'),
    way(THREADS, 'own', 'prefork-thread', "createPool with isolation: 'thread', the signal of a call"),
    way(SERVE, 'own', 'prefork-serve', 'prefork serve, the client of the request goes away'),
    way('tinypool processes', 'peer', 'tinypool', "runtime: 'child_process', the signal of a task", 'tinypool'),
    way('workerpool processes', 'peer', 'workerpool-processes', 'cancel() of the promise', 'workerpool'),
    way('poolifier processes', 'peer', 'poolifier', 'the signal of a task', 'poolifier'),
    way('piscina threads', 'peer', 'piscina', 'the signal of a task', 'piscina'),
    way('workerpool threads', 'peer', 'workerpool-threads', 'cancel() of the promise', 'workerpool'),
  ],
  columns: [
    { name: P50, unit: 'ms', better: 'less' },
    { name: LONGEST, unit: 'ms', better: 'less' },
  ],
  plotted: [P50, LONGEST],
  goals: [PROCESSES, THREADS, SERVE].map((name) => ({
    key: name.replaceAll(/[ ,]+/g, '-'),
    goal: `${name}: the longest at most ${BOUND_MS} ms`,
    bound: BOUND_MS,
    kind: 'most',
    unit: 'ms',
    figure: (of) => of.value(name, LONGEST),
  })),
  rounds: 2,
  seconds: 1,
  async measure({ file }, { isQuick, build }) {
    const args = ['run-one.mjs', `./${file}.mjs`, `${isQuick ? QUICK_TRIES : TRIES}`];
    const timesMs = await runProgram<readonly (number | null)[]>(args, FOLDER, LIMIT_MS, build);
    const found = timesMs.filter((time) => time !== null);
    const isNever = found.length < timesMs.length;
    return [
      { column: P50, value: isNever ? null : percentile(found, 50), detail: { timesMs } },
      { column: LONGEST, value: isNever ? null : Math.max(...found) },
    ];
  },
};

function way(name: string, kind: ContenderKind, file: string, what: string, packageName?: string): Way {
  return { name, kind, what, file, missing: packageName === undefined ? undefined : fault(hasPackage(packageName)) };
}
