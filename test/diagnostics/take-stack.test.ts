import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { LiveWorker, MODES } from './live-worker.ts';

const HANGS = handler('hangs.ts');
const source = readFileSync(HANGS, 'utf8').split('\n');

/** The line of the fixture that holds a text, counted from 1. */
function lineOf(text: string): number {
  return source.findIndex((line) => line.includes(text)) + 1;
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Looks until it does what it was told to: a task takes a moment to begin. */
function find(live: LiveWorker, isIt: (report: StackReport) => boolean): Promise<StackReport> {
  let last: StackReport | undefined;
  return until(
    async () => {
      last = await takeStack(live.worker, never());
      return isIt(last) && last;
    },
    {
      describe: () =>
        `a stack as it should be, found ${JSON.stringify({ ...last, samples: last?.samples.length, frames: userFrames(last) })}`,
      withinMs: 60_000,
    },
  );
}

function userFrames(report: StackReport | undefined): string[] {
  return (report?.frames ?? [])
    .filter(({ origin }) => origin === 'user')
    .map(({ function: name, file, line }) => `${name} ${file}:${line}`);
}

for (const mode of MODES) {
  suite(`mode ${mode}: the stack`, () => {
    test('of a loop without end names function, file and line of the TypeScript source, three calls deep', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/loop');
      const innermost = `spin ${HANGS}:${lineOf('while (n !== 0)')}`;
      // What leads to the loop computes too, and takes a while on a busy machine.
      const report = await find(live, (found) => found.verdict === 'computing' && userFrames(found)[0] === innermost);
      const frames = userFrames(report);
      assert.equal(frames[1], `middle ${HANGS}:${lineOf('return spin(start + job.size)')}`);
      assert.equal(frames[2], `outer ${HANGS}:${lineOf('return middle(job, 1)')}`);
      assert.match(report.summary, /^computing in spin \(.*hangs\.ts:\d+\), for 3 of 3 samples$/);
      assert.deepEqual(report.source, {
        file: HANGS,
        line: lineOf('while (n !== 0)'),
        text: 'while (n !== 0) n = ((n * 31) % 1_000_003) + 1;',
      });
      assert.equal(report.worker, 1);
      assert.equal(report.pid, live.worker.pid);
      assert.equal(report.samples.length, 3);
      assert.ok(report.samples.every((sample) => sample !== null && sample.length > 3));
    });

    test('of an await that never ends is none: it waits, and what for is told by kind', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/timer');
      const report = await find(live, ({ verdict, resources }) => verdict === 'waiting' && resources?.['Timeout'] !== undefined);
      assert.deepEqual(report.resources, mode === 'cluster' ? { TCPSocketWrap: 1, Timeout: 1 } : { Timeout: 1 });
      assert.match(report.summary, /^waiting, no JavaScript runs, for 3 of 3 samples: .*1 Timeout/);
      assert.deepEqual(report.frames, []);
      assert.equal(report.source, null);
    });

    test('of one that waits for nothing at all says so', async () => {
      await using live = await LiveWorker.start(mode);
      // On a crowded machine it may not say in time what it waits for.
      const report = await find(live, ({ verdict, resources }) => verdict === 'waiting' && resources !== null);
      assert.deepEqual(report.resources, {});
      assert.match(report.summary, /nothing is under way/);
    });
  });
}

for (const mode of ['pool', 'cluster'] as const) {
  suite(`mode ${mode}: a thread that can not be stopped`, () => {
    test('in native code is said to compute there', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/native');
      // Code that is just being loaded is native too, now and then.
      const isThere = ({ verdict, samples }: StackReport): boolean =>
        verdict === 'native' && samples.every((sample) => sample === null);
      const report = await find(live, isThere);
      assert.match(report.summary, /^computing in native code, .* for 3 of 3 samples$/);
      assert.equal(report.samples.length, 3);
    });

    test('in a synchronous system call is named with call and file', async (t) => {
      const folder = await temporaryFolder(t, {});
      const file = join(folder, 'pipe');
      execFileSync('mkfifo', [file]);
      await using live = await LiveWorker.start(mode);
      live.begin(`/pipe?file=${encodeURIComponent(file)}`);
      const isThere = ({ verdict, thread }: StackReport): boolean => verdict === 'native' && thread?.systemCall === 'openat';
      const report = await find(live, (found) => isThere(found) && found.cpuPercent !== null && found.cpuPercent < 50);
      assert.match(report.summary, /^in a synchronous call: openat/);
      assert.equal(report.thread?.state, 'S');
    });

    test('asleep in Atomics.wait is found with its stack, and said to sleep', async () => {
      await using live = await LiveWorker.start(mode);
      live.begin('/sleep');
      const innermost = `sleepForEver ${HANGS}:${lineOf('return Atomics.wait')}`;
      const report = await find(live, (found) => found.verdict === 'native' && userFrames(found)[0] === innermost);
      assert.match(report.summary, /^in a synchronous call: futex.* called from sleepForEver \(.*hangs\.ts:\d+\)/);
    });
  });
}
