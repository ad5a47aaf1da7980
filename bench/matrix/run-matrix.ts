import { join, relative, resolve } from 'node:path';
import type { Before } from '../before/before.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { showMet } from '../report/show.ts';
import { beforeLines } from './beside-before.ts';
import { judge } from './goals.ts';
import { showGoalFigure } from './markdown.ts';
import type { MatrixOptions } from './options.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { writeMatrix } from './write.ts';

/** Lengths of a quick run: enough to see what no noise explains. */
const QUICK = { rounds: 1, seconds: 0.5 } as const;

/** Runs scenarios one after the other and writes what each found, so that what is done is there when one fails. */
export async function runMatrix(
  scenarios: readonly Scenario[],
  options: MatrixOptions,
  before: Before | null,
  say: (line: string) => void,
): Promise<void> {
  const folder = options.out === undefined ? join(BENCH_FOLDER, 'results') : resolve(options.out);
  for (const scenario of scenarios) {
    const results = await runScenario(
      scenario,
      {
        rounds: options.rounds ?? (options.isQuick ? QUICK.rounds : scenario.rounds),
        seconds: options.seconds ?? (options.isQuick ? QUICK.seconds : scenario.seconds),
        isQuick: options.isQuick,
        before,
        asks: () => true,
        isMeant: ({ name }) => options.peers?.includes(name) ?? true,
      },
      say,
    );
    say('');
    for (const judged of judge(scenario.goals, results)) {
      say(`${showMet(judged.met).padEnd(13)}${judged.goal.goal}: ${showGoalFigure(judged)}`);
    }
    for (const line of beforeLines(results)) say(line);
    for (const path of writeMatrix(scenario, results, folder)) say(`wrote ${relative(process.cwd(), path)}`);
    say('');
  }
}
