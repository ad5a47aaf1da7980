import { PRESENT_BUILD } from '../builds.ts';
import { collectVersions, describeMachine } from '../report/machine.ts';
import { shuffled } from '../shuffled.ts';
import type { Cell } from './asked.ts';
import { PartlyMeasured } from './partly-measured.ts';
import type { Failure, MatrixResults, MeasuredValue } from './results.ts';
import type { Contender, Effort, Scenario, Value } from './scenario.ts';
import { showValue } from './show-value.ts';

export interface RunOptions extends Omit<Effort, 'wants' | 'build'> {
  readonly rounds: number;
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
  const meant = scenario.contenders.filter((contender) => options.isMeant(contender));
  for (const { name, missing } of meant) if (missing !== undefined) say(`${scenario.name}  ${name}: ${missing}`);
  const there = meant.filter(({ missing }) => missing === undefined);
  const order: string[][] = [];
  const values: MeasuredValue[] = [];
  const failures: Failure[] = [];
  const note = (round: number, who: Who, measured: readonly Value[]): void => {
    values.push(...measured.map((value) => ({ round, contender: who.name, ...value })));
  };
  for (let round = 1; round <= options.rounds; round += 1) {
    const inOrder = shuffled(there);
    order.push(inOrder.map(({ name }) => name));
    for (const who of inOrder) {
      const begin = `${scenario.name}  round ${round} of ${options.rounds}  ${who.name.padEnd(26)}`;
      try {
        const measured = await scenario.measure(who, {
          ...options,
          build: PRESENT_BUILD,
          wants: (column) => options.asks({ contender: who.name, column }),
        });
        note(round, who, measured);
        say(
          `${begin} ${measured.map(({ column, value }) => `${column} ${showValue(value ?? Number.POSITIVE_INFINITY)}`).join('; ')}`,
        );
      } catch (error) {
        const why = (error as Error).message;
        if (error instanceof PartlyMeasured) note(round, who, error.values);
        failures.push({ round, contender: who.name, why });
        say(`${begin} failed: ${why}`);
      }
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
    versions: collectVersions(),
    contenders: meant.map(({ name, kind, what, missing }) => ({ name, kind, what, missing: missing ?? null })),
    columns: scenario.columns,
    order,
    values,
    failures,
  };
}
