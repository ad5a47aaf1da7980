import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy, RejectReason } from '../../src/scheduler/types.ts';
import { Machine } from './machine.ts';

const CASES: readonly (readonly [
  what: string,
  policy: Partial<Policy>,
  prepare: (machine: Machine) => void,
  RejectReason | undefined,
])[] = [
  ['a worker is free', { max: 1, queueLimit: 0 }, (machine) => machine.ready(1), undefined],
  ['no worker has booted yet, and there is a queue', { queueLimit: 1 }, () => undefined, undefined],
  ['no worker has booted yet, and there is no queue', { queueLimit: 0 }, () => undefined, 'queueFull'],
  [
    'all are busy, and one may wait',
    { max: 1, queueLimit: 1 },
    (machine) => {
      machine.ready(1);
      machine.arrive(1);
    },
    undefined,
  ],
  [
    'all are busy, and as many wait as may',
    { max: 1, queueLimit: 1 },
    (machine) => {
      machine.ready(1);
      machine.arrive(1);
      machine.arrive(2);
    },
    'queueFull',
  ],
  [
    'boots are paused, and a worker is left',
    {},
    (machine) => {
      machine.ready(1);
      machine.tell({ type: 'BootsPaused' });
    },
    undefined,
  ],
  ['boots are paused, and no worker is left', {}, (machine) => machine.tell({ type: 'BootsPaused' }), 'noWorker'],
  [
    'the server ends',
    {},
    (machine) => {
      machine.ready(1);
      machine.tell({ type: 'Closing' });
    },
    'closing',
  ],
];

for (const [what, policy, prepare, expected] of CASES) {
  test(`${what}: ${expected === undefined ? 'a task would be let in' : `a task would be turned away (${expected})`}, and is`, () => {
    const machine = new Machine(policy);
    prepare(machine);
    assert.equal(machine.scheduler.refusal, expected);
    const rejected = machine.arrive(99).filter((command) => command.startsWith('reject'));
    assert.deepEqual(rejected, expected === undefined ? [] : [`reject 99: ${expected}`]);
  });
}

test('tasks for which a worker is still to boot wait beside the queue, where the policy says so', () => {
  const machine = new Machine({ max: 3, spares: 0, queueLimit: 1, queueBeyondWorkers: true });
  const isTurnedAway = (task: number): boolean => machine.arrive(task).some((words) => words === `reject ${task}: queueFull`);
  // Three have a place to come, and one may wait.
  assert.deepEqual([1, 2, 3, 4, 5].map(isTurnedAway), [false, false, false, false, true]);
  for (const worker of [1, 2, 3]) machine.ready(worker);
  assert.deepEqual([6, 7].map(isTurnedAway), [true, true]);
  machine.end(1);
  assert.deepEqual([8, 9].map(isTurnedAway), [false, true]);
});
