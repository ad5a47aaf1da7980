import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RawSample, RawStack, ThreadFacts } from '../../src/channel/observation.ts';
import type { StackFrame } from '../../src/diagnostics/stack-report.ts';
import { conclude, cpuPercentOf } from '../../src/diagnostics/verdict.ts';

function frame(name: string, file: string, line: number, origin: StackFrame['origin'] = 'user'): StackFrame {
  return { function: name, file, line, column: 1, origin };
}

const spin = frame('spin', '/srv/src/report.ts', 12);
const outer = frame('outer', '/srv/src/report.ts', 3);
const helper = frame('helper', '/srv/src/other.ts', 80);
const ours = frame('run', '/srv/node_modules/prefork/dist/task.js', 1, 'prefork');

function facts(state: string, systemCall: string | null = null, waitChannel: string | null = null, cpuMs = 0): ThreadFacts {
  return { state, systemCall, waitChannel, cpuMs };
}

interface Case {
  readonly name: string;
  /** Frames, or what was found in place of them. */
  readonly samples: readonly (readonly StackFrame[] | 'idle' | 'silent')[];
  readonly thread?: readonly (ThreadFacts | null)[];
  readonly resources?: Readonly<Record<string, number>> | null;
  readonly cpuPercent?: number | null;
  readonly verdict: string;
  readonly summary: string;
}

const running = [facts('R'), facts('R'), facts('R')];
const CASES: readonly Case[] = [
  {
    name: 'a loop',
    samples: [
      [spin, outer, ours],
      [spin, outer, ours],
      [spin, outer, ours],
    ],
    thread: running,
    cpuPercent: 99,
    verdict: 'computing',
    summary: 'computing in spin (src/report.ts:12), for 3 of 3 samples',
  },
  {
    name: 'a loop that calls this and that is where it always is',
    samples: [
      [helper, spin, outer],
      [spin, outer],
      [frame('other', '/srv/x.ts', 1), spin, outer],
    ],
    thread: running,
    cpuPercent: 99,
    verdict: 'computing',
    summary: 'computing in spin (src/report.ts:12), for 3 of 3 samples',
  },
  {
    name: 'a loop in a package, called by the user, is where the user calls it',
    samples: [[frame('parse', '/srv/node_modules/p/p.js', 9, 'dependency'), outer]],
    thread: running,
    cpuPercent: 99,
    verdict: 'computing',
    summary: 'computing in outer (src/report.ts:3), for 1 of 1 samples',
  },
  {
    name: 'a loop in a package that nobody of the user’s called',
    samples: [[frame('parse', '/srv/node_modules/p/p.js', 9, 'dependency'), ours]],
    thread: running,
    cpuPercent: 99,
    verdict: 'computing',
    summary: 'computing in parse (node_modules/p/p.js:9), for 1 of 1 samples',
  },
  {
    name: 'a file that is not below the folder is named in full',
    samples: [[frame('f', '/elsewhere/f.ts', 2)]],
    verdict: 'computing',
    summary: 'computing in f (/elsewhere/f.ts:2), for 1 of 1 samples',
  },
  {
    name: 'evaluated code',
    samples: [[frame('(anonymous)', '(evaluated code)', 3), outer]],
    verdict: 'computing',
    summary: 'computing in (anonymous) of evaluated code, called from outer (src/report.ts:3), for 1 of 1 samples',
  },
  {
    name: 'a wait for something',
    samples: ['idle', 'idle', 'idle'],
    resources: { Timeout: 1, TCPSocketWrap: 2 },
    verdict: 'waiting',
    summary: 'waiting, no JavaScript runs, for 3 of 3 samples: its event loop has 1 Timeout, 2 TCPSocketWrap',
  },
  {
    name: 'a wait for nothing',
    samples: ['idle'],
    resources: {},
    verdict: 'waiting',
    summary:
      'waiting, no JavaScript runs, for 1 of 1 samples: nothing is under way that could end the wait, such as a promise that nobody settles',
  },
  {
    name: 'a wait for who knows what',
    samples: ['idle'],
    resources: null,
    verdict: 'waiting',
    summary: 'waiting, no JavaScript runs, for 1 of 1 samples: what it waits for is not known',
  },
  {
    name: 'native code that computes',
    samples: ['silent', 'silent'],
    thread: [facts('R'), facts('R')],
    cpuPercent: 100,
    verdict: 'native',
    summary: 'computing in native code, which lets nobody look at the stack, for 2 of 2 samples',
  },
  {
    name: 'a system call',
    samples: ['silent', 'silent'],
    thread: [facts('S', 'read(/tmp/pipe)', 'pipe_read'), facts('S', 'read(/tmp/pipe)', 'pipe_read')],
    cpuPercent: 0,
    verdict: 'native',
    summary: 'in a synchronous call: read(/tmp/pipe) (pipe_read), for 2 of 2 samples',
  },
  {
    name: 'a thread of which nothing is known',
    samples: ['silent'],
    thread: [null],
    verdict: 'native',
    summary: 'in native code or in a synchronous call, which lets nobody look at the stack, for 1 of 1 samples',
  },
  {
    name: 'a stopped process',
    samples: ['silent'],
    thread: [facts('T')],
    cpuPercent: 0,
    verdict: 'native',
    summary: 'stopped by a signal, for 1 of 1 samples',
  },
  {
    name: 'Atomics.wait: it can be woken to be looked at, and sleeps',
    samples: [
      [spin, ours],
      [spin, ours],
      [spin, ours],
    ],
    thread: [facts('R'), facts('S', 'futex', 'futex_wait'), facts('S', 'futex', 'futex_wait')],
    cpuPercent: 9,
    verdict: 'native',
    summary: 'in a synchronous call: futex (futex_wait), called from spin (src/report.ts:12), for 3 of 3 samples',
  },
  {
    name: 'a loop that was found asleep once, while it collected garbage',
    samples: [[spin], [spin], [spin]],
    thread: [facts('S', 'futex', 'futex_wait'), facts('R'), facts('R')],
    cpuPercent: 30,
    verdict: 'computing',
    summary: 'computing in spin (src/report.ts:12), for 3 of 3 samples',
  },
  {
    name: 'a task that began as it was looked at: its event loop had been at rest',
    samples: [[spin], [spin]],
    thread: [facts('S', 'epoll_wait'), facts('S', 'epoll_wait')],
    cpuPercent: 2,
    verdict: 'computing',
    summary: 'computing in spin (src/report.ts:12), for 2 of 2 samples',
  },
  {
    name: 'now one, now the other',
    samples: [[spin, outer], 'idle', 'idle'],
    thread: running,
    resources: { Timeout: 1 },
    cpuPercent: 50,
    verdict: 'mixed',
    summary:
      'now one, now the other: computing in spin (src/report.ts:12), in 1 of 3 samples; waiting, no JavaScript runs, in 2 of 3 samples: its event loop has 1 Timeout',
  },
];

function found(sample: Case['samples'][number]): RawSample {
  if (typeof sample === 'string') return { found: sample };
  return { found: 'frames', frames: sample.map(({ file }) => ({ function: '', url: file, line: 0, column: 0, mapped: false })) };
}

suite('the verdict on', () => {
  for (const { name, samples, thread, resources = null, cpuPercent = null, verdict, summary } of CASES) {
    test(name, () => {
      const raw: RawStack = {
        samples: samples.map(found),
        firstAfterMs: 1,
        allAfterMs: 2,
        resources,
        thread: thread ?? samples.map(() => null),
        elapsedMs: 200,
      };
      const frames = samples.map((sample) => (typeof sample === 'string' ? null : sample));
      assert.deepEqual(conclude(raw, frames, cpuPercent, '/srv'), { verdict, summary });
    });
  }
});

test('CPU time is that between the first and the last sample', () => {
  const raw = { samples: [], firstAfterMs: 1, allAfterMs: 2, resources: null };
  const of = (first: ThreadFacts | null, last: ThreadFacts | null, elapsedMs: number) =>
    cpuPercentOf({ ...raw, thread: [first, facts('R'), last], elapsedMs });
  assert.equal(of(facts('R', null, null, 1000), facts('R', null, null, 1150), 200), 75);
  assert.equal(of(facts('R', null, null, 1000), facts('R', null, null, 1250), 200), 100, 'never more than there is');
  assert.equal(of(null, null, 200), null);
  assert.equal(of(facts('R'), facts('R'), 0), null);
});
