import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LongWatch } from '../../bench/measure/long-watch.ts';
import type { WorkerSeen } from '../../bench/measure/read-workers.ts';

const SENT_AT_MS = 1000;

function worker(pid: number, url: string | null, startedAtMs = SENT_AT_MS): WorkerSeen {
  return { pid, task: url === null ? null : { url, startedAtMs } };
}

/** Looks again and again: at the workers that there are, and the CPU time that each has used by then. */
function fatesAfter(
  looks: readonly { readonly workers: readonly WorkerSeen[]; readonly used: Readonly<Record<number, number>> }[],
  outcomes: readonly (string | null)[] = [null],
): ReturnType<LongWatch['fates']> {
  let used: Readonly<Record<number, number>> = {};
  const requests = { urls: ['/long?long=1', '/long?long=2'].slice(0, outcomes.length), sentAtMs: SENT_AT_MS };
  const watch = new LongWatch({ ...requests, outcomes: () => outcomes }, (pid) => used[pid]);
  for (const look of looks) {
    ({ used } = look);
    watch.look(look.workers);
  }
  return watch.fates(10);
}

test('a long request is charged with what its worker used while it ran there', () => {
  const ran = worker(7, '/long?long=1', SENT_AT_MS + 40);
  const [fate] = fatesAfter([
    { workers: [worker(7, null)], used: { 7: 3 } },
    { workers: [ran, worker(8, '/?number=7')], used: { 7: 4, 8: 9 } },
    { workers: [ran], used: { 7: 5 } },
    { workers: [ran], used: { 7: 6.5 } },
    { workers: [worker(7, '/?number=7')], used: { 7: 8 } },
  ]);
  assert.deepEqual(fate, { waitedMs: 40, shareOfOneCpu: 0.25, ended: null });
});

test('one that goes to another worker is charged with what both used for it', () => {
  const [fate] = fatesAfter([
    { workers: [worker(7, '/long?long=1')], used: { 7: 4 } },
    { workers: [worker(7, '/long?long=1')], used: { 7: 5 } },
    { workers: [worker(9, '/long?long=1', SENT_AT_MS + 500)], used: { 9: 0.2 } },
    { workers: [worker(9, '/long?long=1', SENT_AT_MS + 500)], used: { 9: 1.2 } },
  ]);
  assert.deepEqual(fate, { waitedMs: 0, shareOfOneCpu: 0.2, ended: null });
});

test('one that no worker ever had says so, and what became of it', () => {
  const [first, second] = fatesAfter(
    [
      { workers: [worker(7, '/long?long=1')], used: { 7: 1 } },
      { workers: [worker(7, '/long?long=1')], used: {} },
    ],
    ['ECONNRESET', 'status 503'],
  );
  assert.deepEqual(first, { waitedMs: 0, shareOfOneCpu: 0, ended: 'ECONNRESET' });
  assert.deepEqual(second, { waitedMs: null, shareOfOneCpu: 0, ended: 'status 503' });
});
