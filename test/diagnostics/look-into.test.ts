import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { observe, observeWhole } from '../../src/diagnostics/observe.ts';
import { openInspector } from '../../src/diagnostics/open-inspector.ts';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { takeHeapSnapshot } from '../../src/diagnostics/take-heap-snapshot.ts';
import { takeProfile } from '../../src/diagnostics/take-profile.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { Debugger } from './debugger.ts';
import { LiveWorker, MODES } from './live-worker.ts';

const HANGS = handler('hangs.ts');
const MB = 1024 ** 2;
const PATIENT = { withinMs: 60_000 };

function never(): AbortSignal {
  return new AbortController().signal;
}

async function untilItLoops(live: LiveWorker): Promise<void> {
  // What leads to the loop computes too.
  const isIn = ({ verdict, frames }: StackReport): boolean => verdict === 'computing' && frames[0]?.function === 'spin';
  await until(async () => isIn(await takeStack(live.worker, never())), { describe: 'the handler to be in its loop', ...PATIENT });
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly hitCount: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

async function heapOf(live: LiveWorker): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of takeHeapSnapshot(live.worker, never())) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

// What looks into a worker of mode fork is what looks into one of mode pool; take-stack.test.ts has all modes.
const DIFFERENT = MODES.filter((mode) => mode !== 'fork');

for (const mode of DIFFERENT) {
  suite(`mode ${mode}: of a loop without end`, () => {
    test('a CPU profile is taken, and names the function that has nearly all of the time', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const profile = JSON.parse(await takeProfile(live.worker, 300, never())) as Profile;
      const ids = new Set(profile.nodes.map(({ id }) => id));
      assert.ok(profile.endTime > profile.startTime);
      assert.equal(profile.samples.length, profile.timeDeltas.length);
      assert.ok(profile.samples.length > 10 && profile.samples.every((id) => ids.has(id)));
      assert.ok(profile.nodes.every(({ children = [] }) => children.every((id) => ids.has(id))));
      const hottest = profile.nodes.reduce((best, node) => (node.hitCount > best.hitCount ? node : best));
      assert.equal(hottest.callFrame.functionName, 'spin');
      assert.ok(hottest.callFrame.url.endsWith(HANGS), hottest.callFrame.url);
      assert.ok(hottest.hitCount > profile.samples.length / 2);
    });

    test('a heap snapshot is taken, and is one', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const snapshot = JSON.parse(await heapOf(live)) as {
        snapshot: { node_count: number; meta: { node_fields: string[] } };
        nodes: number[];
        strings: string[];
      };
      assert.equal(snapshot.nodes.length, snapshot.snapshot.node_count * snapshot.snapshot.meta.node_fields.length);
      assert.ok(snapshot.strings.includes('fetch'));
      assert.equal((await takeStack(live.worker, never())).verdict, 'computing', 'it goes on');
    });

    test('a stack is taken by two at once, and while a profile is', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const [profile, ...stacks] = await Promise.all([
        takeProfile(live.worker, 500, never()),
        takeStack(live.worker, never()),
        takeStack(live.worker, never()),
        takeStack(live.worker, never()),
      ]);
      assert.match(profile, /"functionName":"spin"/);
      for (const { verdict, frames } of stacks) {
        assert.equal(verdict, 'computing');
        assert.equal(frames[0]?.function, 'spin');
      }
    });

    test('a second profile is refused in one line, and a profile can be broken off', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const breakOff = new AbortController();
      const first = takeProfile(live.worker, 600_000, breakOff.signal);
      const ends = assert.rejects(first, { message: 'enough' });
      await assert.rejects(takeProfile(live.worker, 100, never()), {
        code: 'ERR_OBSERVE',
        message: /^(worker|thread) w1.* can not be looked into: a CPU profile of it is being taken already: [^\n]+$/,
      });
      breakOff.abort(new Error('enough'));
      await ends;
      // As soon as it has heard of it.
      await until(() => takeProfile(live.worker, 100, never()), { describe: 'another profile to be taken', ...PATIENT });
    });

    test('the one who asks is told at once when it ends', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const profile = takeProfile(live.worker, 600_000, never());
      const told = assert.rejects(profile, { code: 'ERR_OBSERVE', message: /^(worker|thread) w1[^\n]+$/ });
      await takeStack(live.worker, never());
      live.kill();
      await told;
      await until(() => live.end !== undefined, { describe: 'the worker to be gone', ...PATIENT });
      await assert.rejects(takeStack(live.worker, never()), { code: 'ERR_OBSERVE' });
    });
  });
}

for (const mode of ['pool', 'cluster'] as const) {
  suite(`mode ${mode}: the inspector`, () => {
    test('is opened in a loop without end, a debugger attaches and stops it there, and it is closed again', async (t) => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      await untilItLoops(live);
      const before = listeningPorts(live.worker.pid);
      const end = new AbortController();
      const { webSocketUrl, devtoolsUrl, closed, pid } = await openInspector(live.worker, end.signal);
      assert.equal(pid, live.worker.pid);
      assert.match(webSocketUrl, /^ws:\/\/127\.0\.0\.1:\d+\/[\w-]+$/);
      assert.ok(devtoolsUrl.startsWith('devtools://') && devtoolsUrl.endsWith(webSocketUrl.slice('ws://'.length)));
      assert.equal(await innermostFunction(t, webSocketUrl), 'spin');
      await assert.rejects(takeStack(live.worker, never()), { code: 'ERR_OBSERVE', message: /a debugger may be attached/ });
      end.abort(new Error('done'));
      await closed;
      await assertClosed(webSocketUrl);
      assert.equal(live.end, undefined, live.output.join('\n'));
      assert.deepEqual(listeningPorts(pid), before);
      // The debugger was thrown out while the thread stood still: it goes on.
      assert.equal((await takeStack(live.worker, never())).frames[0]?.function, 'spin');
    });

    test('is closed by the last one of two', async () => {
      await using live = await LiveWorker.start(mode);
      const [one, two] = [new AbortController(), new AbortController()];
      const first = await openInspector(live.worker, one.signal);
      const second = await openInspector(live.worker, two.signal);
      assert.equal(new URL(first.webSocketUrl).pathname, new URL(second.webSocketUrl).pathname, 'it is the same one');
      one.abort(new Error('done'));
      await first.closed;
      await assertClosed(first.webSocketUrl);
      (await Debugger.attach(second.webSocketUrl)).close();
      two.abort(new Error('done'));
      await second.closed;
      await assertClosed(second.webSocketUrl);
    });
  });
}

suite('a heap snapshot', () => {
  test('is refused in one line when it might take more memory than there is, or more room', async () => {
    await using live = await LiveWorker.start('pool');
    const ask = async (availableBytes: number, folder: string): Promise<string> =>
      observeWhole(live.worker, { what: 'heap', availableBytes, folder }, never(), 2 ** 30);
    await assert.rejects(ask(64 * MB, tmpdir()), {
      code: 'ERR_OBSERVE',
      message:
        /^worker w1 \(pid \d+\) can not be looked into: a snapshot of its heap of \d+ MB may take up to \d+ MB of memory, and 64 MB are free: [^\n]+$/,
    });
    await assert.rejects(ask(2 ** 40, '/gone/for/good'), { code: 'ERR_OBSERVE', message: /ENOENT[^\n]+$/ });
  });

  test('is handed out no faster than it is taken, can be left in the middle, and leaves no file', async (t) => {
    const folder = await temporaryFolder(t, {});
    await using live = await LiveWorker.start('pool');
    await live.answer(live.begin('/heap?size=20000'));
    const pieces = observe(live.worker, { what: 'heap', availableBytes: 2 ** 40, folder }, never());
    const first = await pieces.next();
    assert.equal(first.done, false);
    assert.deepEqual(readdirSync(folder), [], 'the file that it lies in has no name');
    // Nobody takes more: others are answered all the same, and so is a task.
    assert.equal((await takeStack(live.worker, never())).verdict, 'waiting');
    assert.equal((await live.answer(live.begin('/hash?size=0'))).found, 17);
    await pieces.return(undefined);
    const open = (): string[] => filesOf(live.worker.pid).filter((file) => file.startsWith(folder));
    await until(() => open().length === 0, { describe: () => `its file to be closed, of ${open().join()}`, ...PATIENT });
  });
});

test('a worker that has done its task ends while it is looked into, and says no word of a debugger', async () => {
  await using live = await LiveWorker.start('fork');
  const profile = takeProfile(live.worker, 600_000, never());
  const told = assert.rejects(profile, { code: 'ERR_OBSERVE' });
  await takeStack(live.worker, never());
  live.begin('/hash?size=1000');
  await told;
  await until(() => live.end !== undefined, { describe: 'the worker to end', ...PATIENT });
  assert.ok(!live.output.some((line) => line.includes('debugger')), live.output.join('\n'));
});

test('mode thread: the inspector is refused, with the reason', async () => {
  await using live = await LiveWorker.start('thread');
  await assert.rejects(openInspector(live.worker, never()), {
    code: 'ERR_OBSERVE',
    message: /a thread has no inspector of its own/,
  });
});

/** Attaches as DevTools do, stops the program, and tells in which function. */
async function innermostFunction(t: TestContext, url: string): Promise<string | undefined> {
  const tool = await Debugger.attach(url);
  t.after(() => tool.close());
  await tool.ask('Debugger.enable');
  await tool.ask('Debugger.pause');
  const paused = await until(() => tool.events.find(({ method }) => method === 'Debugger.paused'), {
    describe: 'the debugger to stop the program',
    ...PATIENT,
  });
  const { callFrames } = paused.params as { callFrames: { functionName: string }[] };
  return callFrames[0]?.functionName;
}

async function assertClosed(url: string): Promise<void> {
  const port = Number(new URL(url).port);
  const outcome = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve('open');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  assert.equal(outcome, 'ECONNREFUSED');
}

/** The ports on which a process listens, whoever opened them: proc_net(5). */
function listeningPorts(pid: number): number[] {
  const folder = `/proc/${pid}/fd`;
  const links = new Set(
    readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(join(folder, fd));
      } catch {
        // Closed meanwhile.
        return '';
      }
    }),
  );
  const ports: number[] = [];
  for (const line of readFileSync(`/proc/${pid}/net/tcp`, 'latin1').split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === '0A' && links.has(`socket:[${inode}]`)) ports.push(Number.parseInt(local.split(':')[1] ?? '', 16));
  }
  return ports.toSorted((a, b) => a - b);
}

/** What a process has open. */
function filesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(join(folder, fd));
    } catch {
      // Closed meanwhile.
      return '';
    }
  });
}
