/** The rules are worth something only if they are broken by what is broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Violation } from '../../simulation/audit/violation.ts';
import type { SchedulerMachine } from '../../simulation/primary/dispatch.ts';
import { runSeed } from '../../simulation/world/run-seed.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type {
  Policy,
  SchedulerCommand,
  SchedulerEvent,
  SchedulerFigures,
  TaskEvent,
  TaskFacts,
} from '../../src/scheduler/types.ts';

type Change = (command: SchedulerCommand) => readonly SchedulerCommand[];
type Retell = <Event extends SchedulerEvent>(event: Event) => Event;

const same: Change = (command) => [command];

/** A scheduler whose commands are changed on their way, and what it is told. */
class Broken implements SchedulerMachine {
  readonly #scheduler: Scheduler;
  readonly #change: Change;
  readonly #retell: Retell;

  constructor(policy: Policy, change: Change, retell: Retell = (event) => event) {
    this.#scheduler = new Scheduler(policy);
    this.#change = change;
    this.#retell = retell;
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
    return this.#scheduler.handle(this.#retell(event), nowMs).flatMap((command) => this.#change(command));
  }

  handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    const heard = events.map((event) => this.#retell(event));
    return this.#scheduler.handleAll(heard, nowMs).flatMap((command) => this.#change(command));
  }

  missingWorkers(nowMs: number): number {
    return this.#scheduler.missingWorkers(nowMs);
  }

  nextWakeMs(nowMs: number): number | undefined {
    return this.#scheduler.nextWakeMs(nowMs);
  }
}

/** Each task that comes is another one than it is. */
function retold(some: Partial<TaskFacts> | ((task: number) => Partial<TaskFacts>)): Retell {
  const others = typeof some === 'function' ? some : (): Partial<TaskFacts> => some;
  return (event) => (event.type === 'TaskArrived' ? { ...event, facts: { ...event.facts, ...others(event.task) } } : event);
}

function mistaken(some: Parameters<typeof retold>[0]): (policy: Policy) => SchedulerMachine {
  return (policy) => new Broken(policy, same, retold(some));
}

/** Keeps a task on a reserved worker, and says of it that it is a short one. */
class Silent extends Broken {
  constructor(policy: Policy) {
    const change: Change = (command) => (command.type === 'TaskOverstays' ? [] : [command]);
    super(policy, change, retold({ restartable: false }));
  }

  override get figures(): SchedulerFigures {
    return { ...super.figures, overstaying: 0 };
  }
}

/** Nothing ever waits for a CPU. */
const toldOfNoWait: Retell = (event) => (event.type === 'TaskMeasured' ? { ...event, waitedMs: 0 } : event);

/** Is not told what is of this type. */
function deafTo(type: Exclude<SchedulerEvent['type'], TaskEvent['type']>): (policy: Policy) => SchedulerMachine {
  const retell = <Event extends SchedulerEvent>(event: Event): Event =>
    event.type === type ? ({ type: 'ClockTicked' } as Event) : event;
  return (policy) => new Broken(policy, same, retell);
}

/** Goes by another policy than it is given. */
function by(some: (policy: Policy) => Partial<Policy>): (policy: Policy) => SchedulerMachine {
  return (policy) => new Broken({ ...policy, ...some(policy) }, same);
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
  [
    'never demotes',
    instead('DemoteTask', nothing),
    /it says that \d+ run in the long lane, and \d+ do|and nobody has come for it/,
  ],
  ['demotes twice', instead('DemoteTask', (command) => [command, command]), /DemoteTask: task \d+, and its lane is long/],
  [
    'demotes without asking how long a task waited for a CPU',
    instead('MeasureTask', ({ task, worker }) => [{ type: 'DemoteTask', task, worker }]),
    /DemoteTask: task \d+, and nobody knows how long it waited/,
  ],
  ['demotes within the quantum', by(({ quantumMs }) => ({ quantumMs: quantumMs / 2 })), /within its quantum/],
  [
    'takes waiting for a CPU for running',
    (policy) => new Broken(policy, same, toldOfNoWait),
    /DemoteTask: task \d+ after [\d.]+ ms, [\d.]+ of which it waited/,
  ],
  [
    'demotes where the long lane has no room',
    instead('TaskOverstays', (command) => [{ ...command, type: 'DemoteTask' }]),
    /DemoteTask: task \d+ outlived its quantum, and the long lane has/,
  ],
  [
    'lets tasks overstay where the long lane has room',
    by(({ max }) => ({ reserved: max })),
    /TaskOverstays: task \d+ outlived its quantum, and the long lane has/,
  ],
  [
    'puts tasks back where the long lane has room',
    by(({ max }) => ({ reserved: max })),
    /RequeueTask: task \d+ outlived its quantum, and the long lane has/,
  ],
  ['lets tasks overstay that could wait', mistaken({ restartable: false }), /overstays, and could wait and be started again/],
  [
    'puts tasks back that can not be started again',
    instead('TaskOverstays', (command) => [{ ...command, type: 'RequeueTask' }]),
    /RequeueTask: task \d+ must not be started again|RequeueTask: a part of the answer/,
  ],
  [
    'puts tasks back that others run beside',
    instead('TaskOverstays', (command) => [{ ...command, type: 'RequeueTask' }]),
    /task \d+ is put back, and its worker may run others/,
  ],
  ['tells nobody that a task overstays', instead('TaskOverstays', nothing), /it says that \d+ overstay, and \d+ do/],
  [
    'neither puts a task back nor lets it overstay',
    (policy) => new Silent(policy),
    /outlived its quantum, and nothing was decided/,
  ],
  [
    'takes a worker for blocked that answers',
    deafTo('WorkerAnswered'),
    /DemoteTask: task \d+, and the event loop of worker \d+ turns/,
  ],
  [
    'turns tasks away for a long lane that has room',
    instead('RejectTask', (command) => [{ ...command, reason: 'longLaneFull' }]),
    /without reason: longLaneFull/,
  ],
  [
    'learns nothing of what keys cost',
    mistaken((task) => ({ key: String(task) })),
    /to the short lane, and \w+ is long for certain/,
  ],
  [
    'has every task wait for the long lane',
    instead('StartTask', (command) => [{ ...command, lane: 'long' }]),
    /to the long lane, and nothing says that \w+ is long/,
  ],
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
    mistaken({ isConnection: false }),
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
  return Object.assign(new Broken(policy, same), override);
}

for (const [name, scheduler, finding] of FAULTS) {
  test(`a scheduler that ${name} is found out`, () => {
    firstViolation(scheduler, finding);
  });
}

test('a violation says when, how to see it again, and what happened before', () => {
  const { message } = firstViolation(
    instead('StartTask', (command) => [command, command]),
    /is sent to worker/,
  );
  assert.match(message, /seed \d+, event \d+, [\d.]+ ms/);
  assert.match(message, /npm run simulate -- --seed \d+ --events 2000/);
  assert.match(message, /^policy: \{"min"/m);
  assert.match(message, /^#\d+ at [\d.]+ ms: TaskArrived task \d+/m);
});

/** In which way it is found out depends on the world: this looks for one in which it is in that way. */
function firstViolation(scheduler: (policy: Policy) => SchedulerMachine, finding: RegExp): Violation {
  const others = new Set<string>();
  for (let seed = 1; seed <= 400; seed += 1) {
    try {
      runSeed(seed, 2000, { scheduler });
    } catch (error) {
      assert.ok(error instanceof Violation);
      const [what = ''] = error.message.split('\n');
      if (finding.test(what)) return error;
      others.add(what.replaceAll(/[\d.]+/g, 'N'));
    }
  }
  throw new assert.AssertionError({ message: `not found in 400 worlds; what was: ${[...others].join('; ') || 'nothing'}` });
}
