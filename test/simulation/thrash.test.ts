import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../simulation/kernel/random.ts';
import { RandomClients } from '../../simulation/world/clients.ts';
import { defaultScenario } from '../../simulation/world/default-scenario.ts';
import type { Scenario, Traffic } from '../../simulation/world/scenario.ts';
import { World } from '../../simulation/world/world.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent, TaskEvent } from '../../src/scheduler/types.ts';

interface Load extends Pick<Traffic, 'load' | 'burstFactor'> {
  readonly seed: number;
  readonly cpus: number;
  readonly canRaise: boolean;
  /** How often each comes. */
  readonly brief: number;
  readonly short: number;
  readonly long: number;
  readonly report: number;
}

const EVENTS = 10_000;
/** Workers that come and go beyond those that are there at once: so many at any time, and so many more in each minute. */
const SPARE_BOOTS = 4;

/** Counts the workers that are there at once, and how often one turned to a long task. */
class Watched extends Scheduler {
  mostAlive = 0;
  turnedLong = 0;

  override handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    return this.#watch(super.handle(event, nowMs));
  }

  override handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    return this.#watch(super.handleAll(events, nowMs));
  }

  #watch(commands: readonly SchedulerCommand[]): readonly SchedulerCommand[] {
    this.mostAlive = Math.max(this.mostAlive, this.figures.workers);
    for (const command of commands)
      if (command.type === 'DemoteTask' || (command.type === 'StartTask' && command.lane === 'long')) this.turnedLong += 1;
    return commands;
  }
}

function scenarioOf({ cpus, canRaise, load, burstFactor, brief, short, long, report }: Load): Scenario {
  const scenario = defaultScenario(cpus);
  const kinds = Object.entries({ brief, short, long, report } as const).map(([kind, weight]) => ({ kind, weight }));
  return {
    ...scenario,
    canRaise,
    traffic: { ...scenario.traffic, load, burstFactor, kinds: kinds as Traffic['kinds'], reportMs: 60 },
  };
}

/** @param change of the policy that the scheduler goes by, of which the world knows nothing */
function mustNotThrash(load: Load, change: Partial<Policy> = {}): void {
  const scenario = scenarioOf(load);
  let scheduler = new Watched(scenario.policy);
  let endedMs = 0;
  const world = new World(String(load.seed), scenario, {
    scheduler: (policy) => (scheduler = new Watched({ ...policy, ...change })),
    clients: (clock, dispatch) =>
      new (class extends RandomClients {
        override stop(): void {
          endedMs = clock.nowMs;
          super.stop();
        }
      })(clock, new Random(String(load.seed)), scenario, dispatch, clock),
  });
  world.run(EVENTS);
  const { events, commands, answers } = world.chronicle;
  const [boots = 0, retired = 0, killed = 0] = [
    events.get('WorkerStarting'),
    commands.get('RetireWorker'),
    commands.get('KillTask'),
  ];
  // Where a priority can't be raised again, a worker that had a long task is replaced after it.
  const replaced = load.canRaise ? 0 : scheduler.turnedLong;
  const most = scheduler.mostAlive + replaced + SPARE_BOOTS * (1 + endedMs / 60_000);
  const what = `${answers.get('completed')} tasks in ${endedMs} ms, ${scheduler.mostAlive} workers at once, ${replaced} replaced`;
  assert.ok(boots <= most + killed, `${boots} boots: ${what}, ${killed} killed`);
  assert.ok(retired <= most, `${retired} workers retired: ${what}`);
}

const loads: fc.Arbitrary<Load> = fc.record({
  seed: fc.nat(),
  cpus: fc.constantFrom(1, 2, 4),
  canRaise: fc.boolean(),
  load: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  burstFactor: fc.constantFrom(1, 2, 5, 10, 30),
  brief: fc.constantFrom(0.5, 1),
  short: fc.double({ min: 0, max: 1, noNaN: true }),
  long: fc.constantFrom(0, 0.01, 0.1),
  report: fc.constantFrom(0, 0, 0.1),
});

test('whatever the load: workers that boot stay, and few come and go', () => {
  fc.assert(
    fc.property(loads, (load) => mustNotThrash(load)),
    { numRuns: 40 },
  );
});

const LOAD: Load = { seed: 1, cpus: 2, canRaise: true, load: 0.5, burstFactor: 5, brief: 1, short: 0.3, long: 0.02, report: 0 };

for (const canRaise of [true, false]) {
  const where = canRaise ? 'where priorities can be raised again' : 'where a worker is replaced after a long task';
  test(`a scheduler that lets idle workers go at once is found out, ${where}`, () => {
    const load = { ...LOAD, canRaise };
    mustNotThrash(load);
    assert.throws(() => mustNotThrash(load, { idleTimeoutMs: 0 }), /boots: /);
    assert.throws(() => mustNotThrash(load, { idleTimeoutMs: 0, min: 0, spares: 0 }), /boots: /);
  });
}
