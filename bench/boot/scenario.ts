import { join } from 'node:path';
import type { Contender, ContenderKind, Scenario, Value } from '../matrix/scenario.ts';
import { runProgram } from '../measure/run-program.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { median } from '../report/statistics.ts';

const FOLDER = join(BENCH_FOLDER, 'boot');
const LIMIT_MS = 60_000;
const TIMES = 8;
const QUICK_TIMES = 3;

/** A way to start something, by its file in this folder; `entries` are what it can load. */
interface Way extends Contender {
  readonly file: string;
  readonly entries: readonly string[];
}

const [EMPTY, TYPED, EXPRESS] = ['empty handler', 'TypeScript', 'Express'];
const FILES: Readonly<Record<string, string>> = { [EMPTY]: 'empty.mjs', [TYPED]: 'typed.ts', [EXPRESS]: 'app.mjs' };
const [OWN, FLOOR] = ['prefork worker', 'node and a thread'];
/** Since then Node strips types by itself. */
const STRIPS_TYPES = [22, 18] as const;

/** From the start of a process to its readiness. */
export const BOOT: Scenario<Way> = {
  name: 'boot',
  title: 'From the start of a worker to its readiness',
  about: [
    `The median of ${TIMES} boots a round, one after the other, the first one not counted. Ready is when the handler is loaded and the one who started it knows.`,
    'Node before 22.18 loads no TypeScript by itself, so only prefork has a figure for it there.',
  ].join('\n'),
  contenders: [
    way(OWN, 'own', 'prefork', 'a worker of prefork serve, with its watchdog; until it would get a request', [
      EMPTY,
      TYPED,
      EXPRESS,
    ]),
    way('node -e 0', 'reference', 'node', 'a bare Node that does nothing, to its exit', [EMPTY]),
    way(FLOOR, 'reference', 'node-with-thread', 'a bare Node and an empty thread in it', [EMPTY]),
    way('child_process.fork', 'reference', 'fork', 'a child that loads the handler and says so', entriesOfNode()),
    way('node:cluster', 'reference', 'cluster', 'a worker of a cluster that loads the handler and listens', entriesOfNode()),
    way('worker thread', 'reference', 'thread', 'a thread that loads the handler and says so', entriesOfNode()),
  ],
  columns: [EMPTY, TYPED, EXPRESS].map((name) => ({ name, unit: 'ms', better: 'less' })),
  plotted: [EMPTY, TYPED, EXPRESS],
  goals: [
    {
      key: 'empty',
      goal: 'an empty handler: at most 1.15 times a bare Node and a thread in it',
      bound: 1.15,
      kind: 'most',
      unit: 'times',
      figure: (of) => of.value(OWN, EMPTY) / of.value(FLOOR, EMPTY),
    },
    {
      key: 'express',
      goal: 'Express: no longer than a child of child_process.fork',
      bound: 1,
      kind: 'most',
      unit: 'times',
      figure: (of) => of.value(OWN, EXPRESS) / of.value('child_process.fork', EXPRESS),
    },
  ],
  rounds: 3,
  seconds: 1,
  async measure({ file, entries }, { isQuick, wants, build }) {
    const values: Value[] = [];
    for (const column of entries.filter((entry) => wants(entry))) {
      const args = ['run-one.mjs', `./${file}.mjs`, FILES[column] ?? '', `${isQuick ? QUICK_TIMES : TIMES}`];
      const timesMs = await runProgram<readonly number[]>(args, FOLDER, LIMIT_MS, build);
      values.push({ column, value: median(timesMs), detail: { timesMs } });
    }
    return values;
  },
};

function entriesOfNode(): readonly string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [least, leastMinor] = STRIPS_TYPES;
  return major > least || (major === least && minor >= leastMinor) ? [EMPTY, TYPED, EXPRESS] : [EMPTY, EXPRESS];
}

function way(name: string, kind: ContenderKind, file: string, what: string, entries: readonly string[]): Way {
  return { name, kind, what, file, entries, missing: undefined };
}
