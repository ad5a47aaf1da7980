import type { Before } from '../before/before.ts';
import { collectVersions, describeMachine } from '../report/machine.ts';
import { shuffled } from '../shuffled.ts';
import type { Cell } from './asked.ts';
import { type Entrant, entrantsOf } from './entrants.ts';
import { PartlyMeasured } from './partly-measured.ts';
import type { Failure, MatrixResults, MeasuredValue } from './results.ts';
import type { Contender, Effort, Scenario, Value } from './scenario.ts';
import { showValue } from './show-value.ts';

export interface RunOptions extends Omit<Effort, 'wants' | 'build'> {
  readonly rounds: number;
  /** What each contender of ours is measured with once more, in the same rounds. */
  readonly before: Before | null;
  /** Whether somebody looks at a contender in a column. */
  asks(cell: Cell): boolean;
  /** Whether a contender is to be measured. */
  isMeant(contender: Contender): boolean;
}

/** Runs all contenders of a scenario, in rounds, each in another order. */
export async function runScenario<Who extends Contender>(
  scenario: Scenario<Who>,
  options: RunOptions,
  say: (line: string) => void,
): Promise<MatrixResults> {
  const startedAt = new Date().toISOString();
  const { before } = options;
  const meant = entrantsOf(
    scenario.contenders.filter((contender) => options.isMeant(contender)),
    before,
  );
  for (const { name, missing } of meant) if (missing !== undefined) say(`${scenario.name}  ${name}: ${missing}`);
  const there = meant.filter(({ missing }) => missing === undefined);
  const order: string[][] = [];
  const values: MeasuredValue[] = [];
  const failures: Failure[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const inOrder = shuffled(there);
    order.push(inOrder.map(({ name }) => name));
    for (const entrant of inOrder) {
      const { name } = entrant;
      const { measured, why } = await measureOnce(scenario, entrant, options);
      values.push(...measured.map((value) => ({ round, contender: name, ...value })));
      if (why !== undefined) failures.push({ round, contender: name, why });
      const shown = measured.map(({ column, value }) => `${column} ${showValue(value ?? Number.POSITIVE_INFINITY)}`).join('; ');
      say(
        `${scenario.name}  round ${round} of ${options.rounds}  ${name.padEnd(28)} ${why === undefined ? shown : `failed: ${why}`}`,
      );
    }
  }
  return {
    format: 1,
    scenario: scenario.name,
    startedAt,
    finishedAt: new Date().toISOString(),
    rounds: options.rounds,
    seconds: options.seconds,
    machine: describeMachine(),
    versions: collectVersions(before?.entry ?? null),
    before: before?.entry ?? null,
    contenders: meant.map(({ name, kind, what, missing }) => ({ name, kind, what, missing: missing ?? null })),
    columns: scenario.columns,
    order,
    values,
    failures,
  };
}

/** `why` says what failed, beside what was measured nevertheless. */
async function measureOnce<Who extends Contender>(
  scenario: Scenario<Who>,
  { who, build }: Entrant<Who>,
  options: RunOptions,
): Promise<{ readonly measured: readonly Value[]; readonly why?: string }> {
  const { seconds, isQuick } = options;
  const wants = (column: string): boolean => options.asks({ contender: who.name, column });
  try {
    return { measured: await scenario.measure(who, { seconds, isQuick, build, wants }) };
  } catch (error) {
    return { measured: error instanceof PartlyMeasured ? error.values : [], why: (error as Error).message };
  }
}
