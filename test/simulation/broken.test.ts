/** The rules are worth something only if they are broken by what is broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Violation } from '../../simulation/audit/violation.ts';
import type { SchedulerMachine } from '../../simulation/primary/dispatch.ts';
import { runSeed } from '../../simulation/world/run-seed.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent, SchedulerFigures, TaskEvent } from '../../src/scheduler/types.ts';

type Change = (command: SchedulerCommand) => readonly SchedulerCommand[];

/** A scheduler whose commands are changed on their way. */
class Broken implements SchedulerMachine {
  readonly #scheduler: Scheduler;
  readonly #change: Change;

  constructor(policy: Policy, change: Change) {
    this.#scheduler = new Scheduler(policy);
    this.#change = change;
  }

  get figures(): SchedulerFigures {
    return this.#scheduler.figures;
  }

  get mostAtOnce(): number {
    return this.#scheduler.mostAtOnce;
  }

  get capacity(): number {
    return this.#scheduler.capacity;
  }

  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    return this.#scheduler.handle(event, nowMs).flatMap((command) => this.#change(command));
  }

  handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    return this.#scheduler.handleAll(events, nowMs).flatMap((command) => this.#change(command));
  }

  missingWorkers(nowMs: number): number {
    return this.#scheduler.missingWorkers(nowMs);
  }

  nextWakeMs(nowMs: number): number | undefined {
    return this.#scheduler.nextWakeMs(nowMs);
  }
}

/** Is not told which tasks are connections. */
class Forgetful extends Broken {
  constructor(policy: Policy) {
    super(policy, (command) => [command]);
  }

  override handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    return super.handle(forgotten(event), nowMs);
  }

  override handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    return super.handleAll(events.map(forgotten), nowMs);
  }
}

function forgotten<Event extends SchedulerEvent>(event: Event): Event {
  return event.type === 'TaskArrived' ? { ...event, facts: { ...event.facts, isConnection: false } } : event;
}

/** Does something else in place of the commands of one type. */
function instead<Type extends SchedulerCommand['type']>(
  type: Type,
  change: (command: Extract<SchedulerCommand, { type: Type }>) => readonly SchedulerCommand[],
): (policy: Policy) => SchedulerMachine {
  const isOfType = (command: SchedulerCommand): command is Extract<SchedulerCommand, { type: Type }> => command.type === type;
  return (policy) => new Broken(policy, (command) => (isOfType(command) ? change(command) : [command]));
}

const nothing = (): readonly SchedulerCommand[] => [];

const FAULTS: readonly (readonly [name: string, scheduler: (policy: Policy) => SchedulerMachine, finding: RegExp])[] = [
  ['forgets to turn a task away', instead('RejectTask', nothing), /it says that \d+ wait, and \d+ do/],
  ['turns a task away twice', instead('RejectTask', (command) => [command, command]), /is turned away .*, and is over/],
  [
    'turns tasks away without reason',
    instead('RejectTask', (command) => [{ ...command, reason: 'closing' }]),
    /without reason: closing/,
  ],
  ['starts a task twice', instead('StartTask', (command) => [command, command]), /is sent to worker \d+, and is (running|sent)/],
  [
    'never says that one is sent ahead',
    instead('StartTask', (command) => [{ ...command, ahead: false }]),
    /beside \d+, ahead: false/,
  ],
  [
    'starts tasks on the next worker',
    instead('StartTask', (command) => [{ ...command, worker: command.worker + 1 }]),
    /worker \d+ is not known|which is starting|beside/,
  ],
  ['never demotes', instead('DemoteTask', nothing), /outlived its quantum, and nothing was decided|and nobody has come for it/],
  ['never asks a task back', instead('RevokeTask', nothing), /was left for .* ms behind others/],
  ['asks tasks back twice', instead('RevokeTask', (command) => [command, command]), /is asked back twice/],
  ['kills nobody', instead('KillTask', nothing), /outlived its deadline|was given up, did not end|it says that \d+ run/],
  [
    'kills at once who is cancelled',
    instead('CancelTask', (command) => [{ ...command, type: 'KillTask', reason: 'cancelled', isDeaf: false }]),
    /is within its deadline|after it was given up|for connection/,
  ],
  [
    'loses what was never begun',
    instead('ReturnTask', (command) => [{ ...command, type: 'LoseTask' }]),
    /is lost, and was never begun/,
  ],
  [
    'loses what may be started again',
    instead('RetryTask', (command) => [{ ...command, type: 'LoseTask' }]),
    /is lost, and may be started again/,
  ],
  ['forgets who is lost with a worker', instead('LoseTask', nothing), /is gone, and nothing was decided on tasks/],
  [
    'tries again what must not be',
    instead('LoseTask', (command) => [{ ...command, type: 'RetryTask' }]),
    /must not be started again|is tried once more than it may be|RetryTask: task \d+ is/,
  ],
  [
    'retires workers that have tasks',
    instead('DemoteTask', ({ worker, task }) => [
      { type: 'DemoteTask', worker, task },
      { type: 'RetireWorker', worker, reason: 'idle' },
    ]),
    /is retired, and holds tasks/,
  ],
  [
    'keeps workers that are stuck',
    instead('RetireWorker', (command) => (command.reason === 'stuck' ? [] : [command])),
    /is stuck for longer than a task may run/,
  ],
  [
    'gives new tasks to old code',
    (policy) =>
      new Broken(policy, (command) => (command.type === 'RetireWorker' && command.reason === 'reload' ? [] : [command])),
    /with code \d+, and \d+ is said to serve|workers serve, and at most|short tasks wait beside \d+ free/,
  ],
  [
    'recycles workers at once',
    instead('CodeServes', (command) => [command, { type: 'RetireWorker', worker: 1, reason: 'recycle' }]),
    /is replaced without reason|is replaced \(recycle\), and is|worker 1 is not known/,
  ],
  ['says that other code serves', instead('CodeServes', (command) => [{ ...command, generation: 0 }]), /code 0 serves, and/],
  [
    'takes connections for tasks',
    (policy) => new Forgetful(policy),
    /connections are held|comes behind|outlived its|took the last worker/,
  ],
  ['boots one worker more', (policy) => overrideOf(policy, { missingWorkers: () => 1 }), /with room for/],
  ['boots nobody', (policy) => overrideOf(policy, { missingWorkers: () => 0 }), /short tasks wait for .* ms for workers/],
  ['wants to be woken by nobody', (policy) => overrideOf(policy, { nextWakeMs: () => undefined }), /nobody is woken/],
  ['wants to be woken in the past', (policy) => overrideOf(policy, { nextWakeMs: (nowMs) => nowMs - 1 }), /was not done at/],
];

function overrideOf(
  policy: Policy,
  override: Partial<Pick<SchedulerMachine, 'missingWorkers' | 'nextWakeMs'>>,
): SchedulerMachine {
  return Object.assign(new Broken(policy, (command) => [command]), override);
}

for (const [name, scheduler, finding] of FAULTS) {
  test(`a scheduler that ${name} is found out`, () => {
    const found = firstViolation(scheduler);
    assert.match(found.message.split('\n')[0] ?? '', finding);
  });
}

test('a violation says when, how to see it again, and what happened before', () => {
  const { message } = firstViolation(instead('StartTask', (command) => [command, command]));
  assert.match(message, /seed \d+, event \d+, [\d.]+ ms/);
  assert.match(message, /npm run simulate -- --seed \d+ --events 2000/);
  assert.match(message, /^policy: \{"min"/m);
  assert.match(message, /^#\d+ at [\d.]+ ms: TaskArrived task \d+/m);
});

function firstViolation(scheduler: (policy: Policy) => SchedulerMachine): Violation {
  for (let seed = 1; seed <= 400; seed += 1) {
    try {
      runSeed(seed, 2000, { scheduler });
    } catch (error) {
      assert.ok(error instanceof Violation);
      return error;
    }
  }
  throw new assert.AssertionError({ message: 'nothing was found in 400 worlds' });
}
