import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decide,
  describeEnd,
  describeExit,
  newLife,
  wakeAtMs,
  type BootError,
  type Life,
  type LifeDecision,
  type LifeEvent,
  type RawExit,
  type WorkerEnd,
} from '../../../src/supervisor/decisions/life.ts';

const NOW_MS = 1000;
const BOOT_ERROR: BootError = { code: 'ERR_HANDLER_LOAD', message: 'no luck', stack: '' };
const CLEAN: RawExit = { code: 0, signal: null, outOfMemory: false };

/** Every state; those with a timer are not due at NOW_MS. */
const LIVES = {
  starting: newLife(0, 5000),
  ready: { phase: 'ready' },
  draining: { phase: 'draining', reason: 'idle', killAtMs: 5000 },
  terminating: { phase: 'killing', reason: 'deadline', boot: undefined, killAtMs: 5000 },
  killed: { phase: 'killing', reason: 'deadline', boot: undefined, killAtMs: undefined },
  failing: { phase: 'killing', reason: 'bootFailed', boot: BOOT_ERROR, killAtMs: 5000 },
  gone: { phase: 'gone', end: { kind: 'drained', reason: 'idle' } },
} as const satisfies Record<string, Life>;

/** Every event; a clock that ticks before anything is due is one, and one that ticks after that is another. */
const EVENTS = {
  booted: { type: 'booted' },
  bootFailed: { type: 'bootFailed', error: BOOT_ERROR },
  drain: { type: 'drain', reason: 'memory', withinMs: 100 },
  killSoftly: { type: 'kill', reason: 'cancelled', ladder: { termMs: 200 } },
  killAtOnce: { type: 'kill', reason: 'silent', ladder: { termMs: 0 } },
  exited: { type: 'exited', exit: CLEAN },
  tickedEarly: { type: 'clockTicked' },
  tickedLate: { type: 'clockTicked' },
} as const satisfies Record<string, LifeEvent>;

type State = keyof typeof LIVES;
type Event = keyof typeof EVENTS;

const STAY = 'stay';
const KILL_SOFTLY: LifeDecision = {
  life: { phase: 'killing', reason: 'cancelled', boot: undefined, killAtMs: NOW_MS + 200 },
  orders: ['sendTerm'],
};
const KILL_AT_ONCE: LifeDecision = {
  life: { phase: 'killing', reason: 'silent', boot: undefined, killAtMs: undefined },
  orders: ['sendKill'],
};
const gone = (end: WorkerEnd): LifeDecision => ({ life: { phase: 'gone', end }, orders: [] });

const TABLE: Record<State, Record<Event, LifeDecision | typeof STAY>> = {
  starting: {
    booted: { life: { phase: 'ready' }, orders: [] },
    // It ends by itself, and has a second for it.
    bootFailed: { life: { phase: 'killing', reason: 'bootFailed', boot: BOOT_ERROR, killAtMs: NOW_MS + 1000 }, orders: [] },
    // It serves nobody: nothing is lost by an end at once.
    drain: { life: { phase: 'killing', reason: 'unneeded', boot: undefined, killAtMs: undefined }, orders: ['sendKill'] },
    killSoftly: KILL_SOFTLY,
    killAtOnce: KILL_AT_ONCE,
    exited: gone({
      kind: 'bootFailed',
      error: { code: 'ERR_BOOT_EXIT', message: 'it ended while it booted: exit code 0', stack: '' },
    }),
    tickedEarly: STAY,
    tickedLate: {
      life: {
        phase: 'killing',
        reason: 'bootTimeout',
        boot: { code: 'ERR_BOOT_TIMEOUT', message: 'it was not ready in time', stack: '' },
        killAtMs: undefined,
      },
      orders: ['sendKill'],
    },
  },
  ready: {
    booted: STAY,
    bootFailed: STAY,
    drain: { life: { phase: 'draining', reason: 'memory', killAtMs: NOW_MS + 100 }, orders: ['sendDrain'] },
    killSoftly: KILL_SOFTLY,
    killAtOnce: KILL_AT_ONCE,
    // Nobody asked for it, so that even the code 0 is an accident.
    exited: gone({ kind: 'exited', code: 0 }),
    tickedEarly: STAY,
    tickedLate: STAY,
  },
  draining: {
    booted: STAY,
    bootFailed: STAY,
    // More urgent now, for the same reason as before.
    drain: { life: { phase: 'draining', reason: 'idle', killAtMs: NOW_MS + 100 }, orders: [] },
    killSoftly: KILL_SOFTLY,
    killAtOnce: KILL_AT_ONCE,
    exited: gone({ kind: 'drained', reason: 'idle' }),
    tickedEarly: STAY,
    tickedLate: {
      life: { phase: 'killing', reason: 'drainTimeout', boot: undefined, killAtMs: 6000 + 1000 },
      orders: ['sendTerm'],
    },
  },
  terminating: {
    booted: STAY,
    bootFailed: STAY,
    drain: STAY,
    killSoftly: STAY,
    killAtOnce: STAY,
    exited: gone({ kind: 'killed', reason: 'deadline' }),
    tickedEarly: STAY,
    tickedLate: { life: { ...LIVES.terminating, killAtMs: undefined }, orders: ['sendKill'] },
  },
  killed: {
    booted: STAY,
    bootFailed: STAY,
    drain: STAY,
    killSoftly: STAY,
    killAtOnce: STAY,
    exited: gone({ kind: 'killed', reason: 'deadline' }),
    tickedEarly: STAY,
    tickedLate: STAY,
  },
  failing: {
    booted: STAY,
    bootFailed: STAY,
    drain: STAY,
    killSoftly: STAY,
    killAtOnce: STAY,
    exited: gone({ kind: 'bootFailed', error: BOOT_ERROR }),
    tickedEarly: STAY,
    tickedLate: { life: { ...LIVES.failing, killAtMs: undefined }, orders: ['sendKill'] },
  },
  gone: {
    booted: STAY,
    bootFailed: STAY,
    drain: STAY,
    killSoftly: STAY,
    killAtOnce: STAY,
    exited: STAY,
    tickedEarly: STAY,
    tickedLate: STAY,
  },
};

const isState = (name: string): name is State => name in LIVES;
const isEvent = (name: string): name is Event => name in EVENTS;

for (const state of Object.keys(TABLE).filter(isState)) {
  describe(`a worker that is ${state}`, () => {
    for (const event of Object.keys(TABLE[state]).filter(isEvent)) {
      test(`when ${event}`, () => {
        const expected = TABLE[state][event];
        const nowMs = event === 'tickedLate' ? 6000 : NOW_MS;
        const decision = decide(LIVES[state], EVENTS[event], nowMs);
        assert.deepEqual(decision, expected === STAY ? { life: LIVES[state], orders: [] } : expected);
      });
    }
  });
}

test('one that boots and is to drain is ended, for the end of the server or because nobody needs it', () => {
  for (const [reason, killed] of [
    ['shutdown', 'shutdown'],
    ['reload', 'unneeded'],
    ['surplus', 'unneeded'],
  ] as const) {
    const { life, orders } = decide(LIVES.starting, { type: 'drain', reason, withinMs: 100 }, NOW_MS);
    assert.deepEqual([life, orders], [{ phase: 'killing', reason: killed, boot: undefined, killAtMs: undefined }, ['sendKill']]);
  }
});

test('a drain is made more urgent by a second one, never less', () => {
  const later: LifeEvent = { type: 'drain', reason: 'shutdown', withinMs: 60_000 };
  assert.deepEqual(decide(LIVES.draining, later, NOW_MS), { life: LIVES.draining, orders: [] });
});

test('the clock is waited for where something is due, and nowhere else', () => {
  const due = Object.entries(LIVES).filter(([, life]) => wakeAtMs(life) !== undefined);
  assert.deepEqual(
    due.map(([name]) => name),
    ['starting', 'draining', 'terminating', 'failing'],
  );
  assert.deepEqual(
    due.map(([, life]) => wakeAtMs(life)),
    [5000, 5000, 5000, 5000],
  );
});

describe('an end that nobody asked for is told apart', () => {
  const ENDS: readonly [string, RawExit, WorkerEnd, string][] = [
    ['an exit', { code: 3, signal: null, outOfMemory: false }, { kind: 'exited', code: 3 }, 'exit code 3'],
    [
      'a signal',
      { code: null, signal: 'SIGSEGV', outOfMemory: false },
      { kind: 'signalled', signal: 'SIGSEGV' },
      'signal SIGSEGV',
    ],
    [
      'an abort',
      { code: null, signal: 'SIGABRT', outOfMemory: false },
      { kind: 'signalled', signal: 'SIGABRT' },
      'signal SIGABRT',
    ],
    // V8 aborts the process after its last words, and a thread ends with code 1.
    [
      'a full heap',
      { code: null, signal: 'SIGABRT', outOfMemory: true },
      { kind: 'outOfMemory' },
      'its JavaScript heap was full',
    ],
    [
      'a full heap of a thread',
      { code: 1, signal: null, outOfMemory: true },
      { kind: 'outOfMemory' },
      'its JavaScript heap was full',
    ],
  ];
  for (const [name, exit, end, words] of ENDS) {
    test(name, () => {
      for (const life of [LIVES.ready, LIVES.draining]) {
        assert.deepEqual(decide(life, { type: 'exited', exit }, NOW_MS), gone(end));
      }
      assert.equal(describeEnd(end), words);
      assert.equal(describeExit(exit), words);
      const boot = decide(LIVES.starting, { type: 'exited', exit }, NOW_MS).life;
      assert.ok(boot.phase === 'gone' && boot.end.kind === 'bootFailed');
      assert.deepEqual(boot.end.error, { code: 'ERR_BOOT_EXIT', message: `it ended while it booted: ${words}`, stack: '' });
      // Whoever was told to die died of that, whatever the system says.
      assert.deepEqual(decide(LIVES.killed, { type: 'exited', exit }, NOW_MS), gone({ kind: 'killed', reason: 'deadline' }));
    });
  }
});

test('an end that was asked for is named by its reason', () => {
  assert.equal(describeEnd({ kind: 'drained', reason: 'maxRequests' }), 'drained (maxRequests)');
  assert.equal(describeEnd({ kind: 'killed', reason: 'bootTimeout' }), 'killed (bootTimeout)');
  assert.equal(describeEnd({ kind: 'bootFailed', error: BOOT_ERROR }), 'no luck');
});
