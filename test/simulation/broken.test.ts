/** The rules are worth something only if they are broken by what is broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Violation } from '../../simulation/audit/violation.ts';
import { Random } from '../../simulation/kernel/random.ts';
import { runSeed } from '../../simulation/world/run-seed.ts';
import { drawScenario } from '../../simulation/world/scenario.ts';
import type { SchedulerCommand, TaskFacts } from '../../src/scheduler/types.ts';
import { by, deafTo, instead, type Make, mistaken, mistakenOfReports, overrideOf, Silent, told } from './broken-scheduler.ts';

const EVENTS = 2000;
/** So many that long keys are known, and many tasks wait for the long lane; in worlds in which there are such. */
const MANY_EVENTS = 20_000;

const anyPriority = (_: TaskFacts, task: number): Partial<TaskFacts> => ({ priority: ((7919 * task) % 21) - 10 });
const nothing = (): readonly SchedulerCommand[] => [];

const FAULTS: readonly (readonly [name: string, scheduler: Make, finding: RegExp, events?: number])[] = [
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
    told((event) => (event.type === 'TaskMeasured' ? { ...event, waitedMs: 0 } : event)),
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
  [
    'lets tasks overstay that could wait',
    mistaken(() => ({ restartable: false })),
    /overstays, and could wait and be started again/,
  ],
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
    mistaken((_, task) => ({ key: String(task) })),
    /to the short lane, and \w+ is long for certain/,
  ],
  [
    'has every task wait for the long lane',
    instead('StartTask', (command) => [{ ...command, lane: 'long' }]),
    /to the long lane, and nothing says that \w+ is long/,
  ],
  [
    'does not tell clients apart',
    mistaken(() => ({ client: '' })),
    /client \d+ waits for the short lane with a weight of \d+, and was passed \d+ times/,
  ],
  [
    'does not tell clients apart that wait for the long lane',
    mistakenOfReports(() => ({ client: '' })),
    /client \d+ waits for the long lane with a weight of \d+, and was passed \d+ times/,
    MANY_EVENTS,
  ],
  [
    'gives one client all turns that it can have',
    mistaken(({ client }) => ({ weight: client === 'client 0' ? 100 : 1 })),
    /client \d+ waits for the short lane with a weight of \d+, and was passed \d+ times/,
  ],
  [
    'has younger tasks pass older ones',
    mistaken(anyPriority),
    /task \d+ is [\d.]+ ms younger than one of its client that waits for the short lane/,
  ],
  [
    'puts tasks back for longer than they may wait',
    mistakenOfReports(anyPriority),
    /task \d+ is [\d.]+ ms younger than one of its client that waits for the long lane/,
    MANY_EVENTS,
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
    instead('RetireWorker', (command) => (command.reason === 'reload' ? [] : [command])),
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
    mistaken(() => ({ isConnection: false })),
    /connections are held|comes behind|outlived its|took the last worker/,
  ],
  ['boots one worker more', (policy) => overrideOf(policy, { missingWorkers: () => 1 }), /with room for/],
  ['boots nobody', (policy) => overrideOf(policy, { missingWorkers: () => 0 }), /short tasks wait for .* ms for workers/],
  ['wants to be woken by nobody', (policy) => overrideOf(policy, { nextWakeMs: () => undefined }), /nobody is woken/],
  ['wants to be woken in the past', (policy) => overrideOf(policy, { nextWakeMs: (nowMs) => nowMs - 1 }), /was not done at/],
];

for (const [name, scheduler, finding, events] of FAULTS) {
  test(`a scheduler that ${name} is found out`, () => {
    firstViolation(scheduler, finding, events);
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
function firstViolation(scheduler: Make, finding: RegExp, events = EVENTS): Violation {
  const others = new Set<string>();
  for (let seed = 1; seed <= 400; seed += 1) {
    if (events === MANY_EVENTS && !hasReports(seed)) continue;
    try {
      runSeed(seed, events, { scheduler });
    } catch (error) {
      assert.ok(error instanceof Violation);
      const [what = ''] = error.message.split('\n');
      if (finding.test(what)) return error;
      others.add(what.replaceAll(/[\d.]+/g, 'N'));
    }
  }
  throw new assert.AssertionError({ message: `not found in 400 worlds; what was: ${[...others].join('; ') || 'nothing'}` });
}

function hasReports(seed: number): boolean {
  const { kinds } = drawScenario(new Random(String(seed)).stream('scenario')).traffic;
  return kinds.some(({ kind }) => kind === 'report');
}
