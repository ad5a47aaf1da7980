import { join } from 'node:path';
import type { Contender, ContenderKind, Scenario } from '../matrix/scenario.ts';
import { runProgram } from '../measure/run-program.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage } from '../peers/needs.ts';

const FOLDER = join(BENCH_FOLDER, 'fresh');
const RATE = 5;
const LIMIT_MS = 60_000;

/** A way to run tasks, by its file in this folder. */
interface Way extends Contender {
  readonly file: string;
}

const FRESH = 'prefork fresh';
const REUSE = 'prefork reuse';
const [P50, P99, PER_SECOND] = [`${RATE} tasks/s: p50`, `${RATE} tasks/s: p99`, 'two at a time'];

/** A process for each task. */
export const FRESH_PROCESSES: Scenario<Way> = {
  name: 'fresh',
  title: 'A process of its own for each task',
  about: [
    `A task adds 1 and says which process it was. First ${RATE} tasks a second, timed from when each was to begin; then two at a time, as fast as they go. Each result is checked, and`,
    'that no process served twice.',
  ].join('\n'),
  contenders: [
    way(FRESH, 'own', 'prefork-fresh.mjs', "createPool with isolation: 'fresh', its defaults: one process booted ahead"),
    way(REUSE, 'own', 'prefork-reuse.mjs', 'createPool, its defaults: processes that are used again, for comparison'),
    way('child_process.fork', 'reference', 'fork.mjs', 'a process forked when the task comes, as tutorials do it'),
    way('tinypool', 'peer', 'tinypool.mjs', "runtime: 'child_process', isolateWorkers", 'tinypool'),
    way('jest-worker', 'peer', 'jest-worker.mjs', 'idleMemoryLimit: 0', 'jest-worker'),
  ],
  columns: [
    { name: P50, unit: 'ms', better: 'less' },
    { name: P99, unit: 'ms', better: 'less' },
    { name: PER_SECOND, unit: 'tasks/s', better: 'more' },
  ],
  plotted: [P50, P99, PER_SECOND],
  goals: [
    {
      key: 'p50',
      goal: `${RATE} tasks/s: p50 at most 1.5 times that of processes that are used again`,
      bound: 1.5,
      kind: 'most',
      unit: 'times',
      figure: (of) => of.value(FRESH, P50) / of.value(REUSE, P50),
    },
    {
      key: 'rate',
      goal: 'two at a time: at least 1.5 times the tasks/s of child_process.fork',
      bound: 1.5,
      kind: 'least',
      unit: 'times',
      figure: (of) => of.value(FRESH, PER_SECOND) / of.value('child_process.fork', PER_SECOND),
    },
  ],
  rounds: 3,
  seconds: 2,
  async measure({ file }, { seconds, build }) {
    const args = ['run-one.mjs', `./${file}`, `${seconds}`, `${RATE}`];
    const found = await runProgram<{ p50Ms: number; p99Ms: number; perSecond: number }>(args, FOLDER, LIMIT_MS, build);
    return [
      { column: P50, value: found.p50Ms },
      { column: P99, value: found.p99Ms },
      { column: PER_SECOND, value: found.perSecond },
    ];
  },
};

function way(name: string, kind: ContenderKind, file: string, what: string, packageName?: string): Way {
  return { name, kind, what, file, missing: packageName === undefined ? undefined : fault(hasPackage(packageName)) };
}
