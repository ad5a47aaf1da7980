import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncidentLog } from '../../src/diagnostics/incident-log.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';
import { SlowWatch, type RunningTask } from '../../src/modes/slow-watch.ts';
import type { SupervisedWorker } from '../../src/supervisor/supervised-worker.ts';
import { taskSubject, workerSubject } from '../diagnostics/subjects.ts';
import { until } from '../support/until.ts';

test('of tasks that are slow together one is reported in each turn of the event loop, and none that is over by then', async (t) => {
  const running = Array.from({ length: 8 }, (_, index): RunningTask => {
    const id = index + 1;
    // No process: of what a worker is, all that is looked at here are its words.
    const worker = { ...workerSubject({ id, pid: 4711 + id }), name: { worker: id, pid: 4711 + id } };
    return { ...taskSubject({ task: id }), worker: worker as unknown as SupervisedWorker };
  });
  const log = new IncidentLog();
  const turns = new Map<number, number>();
  let turn = 0;
  const onTurn = (): void => {
    turn += 1;
    immediate = setImmediate(onTurn);
  };
  let immediate = setImmediate(onTurn);
  log.subscribe(({ worker }) => {
    turns.set(worker?.id ?? 0, turn);
    // It ends as soon as another one has been reported.
    if (turns.size === 1) running.splice(3, 1);
  });
  const watch = new SlowWatch(
    {
      recorder: new IncidentRecorder(log, 'pool'),
      look: () => Promise.reject(new Error('nobody can be looked at')),
      slowMs: 100,
      deadlineMsOf: () => 30_000,
    },
    () => running,
  );
  t.after(() => {
    watch.close();
    clearImmediate(immediate);
  });
  await until(() => turns.size === 7, { describe: 'seven reports' });
  assert.deepEqual([...turns.keys()], [1, 2, 3, 5, 6, 7, 8]);
  assert.equal(new Set(turns.values()).size, 7, `in turns ${[...turns.values()].join(', ')}`);
});
