/** Connections in any order of events: what must hold for them, by books of the test's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent } from '../../src/scheduler/types.ts';
import { MOST_CONNECTIONS } from '../../src/scheduler/worker-table.ts';
import { DEADLINE_MS, POLICY } from './machine.ts';

const FACTS = { key: 'key', client: '', weight: 1, priority: 0, restartable: false, hasBody: false };

interface Worker {
  phase: 'starting' | 'ready' | 'leaving';
  isBlocked: boolean;
  readonly connections: Set<number>;
  readonly tasks: Set<number>;
}

/** What happens next; the numbers choose among what there is. */
type Step = readonly [
  what: 'connection' | 'task' | 'end' | 'cancel' | 'boot' | 'block' | 'answer' | 'die' | 'pass' | 'scale',
  which: number,
];

class World {
  readonly #policy: Policy;
  readonly #scheduler: Scheduler;
  #nowMs = 0;
  #nextTask = 1;
  #nextWorker = 1;
  #max: number;
  readonly #workers = new Map<number, Worker>();
  /** Those that are not over: where they are, and whether they are connections. */
  readonly #open = new Map<number, { readonly isConnection: boolean; worker: number | undefined; isCancelled: boolean }>();

  constructor(policy: Partial<Policy>) {
    this.#policy = { ...POLICY, ...policy };
    this.#max = this.#policy.max;
    this.#scheduler = new Scheduler(this.#policy);
  }

  take([what, which]: Step): void {
    switch (what) {
      case 'connection':
      case 'task': {
        const task = this.#nextTask++;
        const isConnection = what === 'connection';
        this.#open.set(task, { isConnection, worker: undefined, isCancelled: false });
        return this.#tell({
          type: 'TaskArrived',
          task,
          facts: { ...FACTS, key: String(which % 2), ...(isConnection ? { isConnection } : {}) },
        });
      }
      case 'end': {
        const task = pick(
          [...this.#open].filter(([, { worker }]) => worker !== undefined),
          which,
        )?.[0];
        if (task === undefined) return;
        // It has said a word.
        const worker = this.#workers.get(this.#open.get(task)?.worker ?? 0);
        if (worker !== undefined) worker.isBlocked = false;
        this.#drop(task);
        return this.#tell({ type: 'TaskEnded', task });
      }
      case 'cancel': {
        const entry = pick([...this.#open], which);
        if (entry === undefined) return;
        if (entry[1].worker === undefined) this.#open.delete(entry[0]);
        entry[1].isCancelled = true;
        return this.#tell({ type: 'TaskCancelled', task: entry[0] });
      }
      case 'boot': {
        if (this.#scheduler.missingWorkers(this.#nowMs) > 0) this.#boot();
        const starting = [...this.#workers].find(([, { phase }]) => phase === 'starting');
        if (starting === undefined) return;
        starting[1].phase = 'ready';
        return this.#tell({ type: 'WorkerReady', worker: starting[0], deadlineMs: DEADLINE_MS });
      }
      case 'block':
      case 'answer':
      case 'die':
        return this.#happenTo(what, pick([...this.#workers], which));
      case 'pass':
        this.#nowMs += which * which;
        return this.#tell({ type: 'ClockTicked' });
      case 'scale': {
        this.#max = 1 + (which % 5);
        return this.#tell({ type: 'BoundsChanged', bounds: { min: Math.min(1, this.#max), max: this.#max, spares: 1 } });
      }
    }
  }

  /** Everybody goes: nothing may be left. */
  end(): void {
    this.#tell({ type: 'Closing' });
    for (const entry of this.#workers) this.#happenTo('die', entry);
    const { tasks, workers, queued, connections } = this.#scheduler.figures;
    assert.deepEqual(
      { tasks, workers, queued, connections, open: this.#open.size },
      { tasks: 0, workers: 0, queued: 0, connections: 0, open: 0 },
    );
  }

  #happenTo(what: 'block' | 'answer' | 'die', entry: readonly [number, Worker] | undefined): void {
    if (entry === undefined) return;
    const [id, worker] = entry;
    if (what === 'die') {
      worker.phase = 'leaving';
      this.#tell({ type: 'WorkerGone', worker: id });
      this.#workers.delete(id);
    } else if (worker.phase === 'ready') {
      worker.isBlocked = what === 'block';
      this.#tell({ type: worker.isBlocked ? 'WorkerBlocked' : 'WorkerAnswered', worker: id });
    }
  }

  #boot(): void {
    const worker = this.#nextWorker++;
    this.#workers.set(worker, { phase: 'starting', isBlocked: false, connections: new Set(), tasks: new Set() });
    this.#tell({ type: 'WorkerStarting', worker, generation: 1 });
  }

  #drop(task: number): void {
    const entry = this.#open.get(task);
    const worker = this.#workers.get(entry?.worker ?? 0);
    worker?.connections.delete(task);
    worker?.tasks.delete(task);
    this.#open.delete(task);
  }

  #tell(event: SchedulerEvent): void {
    const commands = this.#scheduler.handle(event, this.#nowMs);
    for (const command of commands) this.#check(command);
    // All that ran until now was computed.
    for (const command of commands)
      if (command.type === 'MeasureTask') this.#tell({ type: 'TaskMeasured', task: command.task, waitedMs: 0 });
    const { connections, queued } = this.#scheduler.figures;
    const held = [...this.#workers.values()].reduce((sum, worker) => sum + worker.connections.size, 0);
    assert.equal(connections, held, 'connections that are held');
    assert.equal(queued, [...this.#open.values()].filter(({ worker }) => worker === undefined).length, 'tasks that wait');
  }

  #check(command: SchedulerCommand): void {
    if (command.type === 'StartTask') return this.#checkStart(command);
    if (command.type === 'RetireWorker') {
      const worker = this.#workers.get(command.worker);
      assert.ok(worker !== undefined && worker.phase !== 'leaving', `worker ${command.worker} is retired, and is not there`);
      // For any other reason nobody may lose a connection.
      const mayHold = ['stuck', 'surplus'].includes(command.reason);
      assert.ok(
        mayHold || worker.connections.size === 0,
        `worker ${command.worker} is retired (${command.reason}) with connections`,
      );
      worker.phase = 'leaving';
      return;
    }
    if (!('task' in command)) return;
    const entry = this.#open.get(command.task);
    assert.ok(entry !== undefined, `${command.type}: task ${command.task} is over`);
    switch (command.type) {
      case 'RejectTask':
        assert.equal(entry.worker, undefined, `task ${command.task} is turned away, and runs`);
        return this.#drop(command.task);
      case 'LoseTask':
        return this.#drop(command.task);
      case 'CancelTask':
        assert.ok(entry.isCancelled, `task ${command.task} is cancelled, and its client waits`);
        return;
      case 'KillTask': {
        const worker = this.#workers.get(command.worker);
        assert.ok(worker !== undefined);
        worker.phase = 'leaving';
        break;
      }
      case 'RevokeTask':
      case 'MeasureTask':
      case 'DemoteTask':
      case 'TaskOverstays':
      case 'ExpireTask':
        break;
      case 'RequeueTask':
      case 'ReturnTask':
      case 'RetryTask':
        // It waits again.
        this.#workers.get(command.worker)?.tasks.delete(command.task);
        entry.worker = undefined;
    }
    assert.ok(!entry.isConnection, `${command.type} for connection ${command.task}`);
  }

  #checkStart({ task, worker: id, ahead }: Extract<SchedulerCommand, { type: 'StartTask' }>): void {
    const [entry, worker] = [this.#open.get(task), this.#workers.get(id)];
    assert.ok(entry !== undefined && entry.worker === undefined, `task ${task} is started, and does not wait`);
    assert.ok(worker?.phase === 'ready' && !worker.isBlocked, `task ${task} is started on worker ${id}, which can not take it`);
    entry.worker = id;
    (entry.isConnection ? worker.connections : worker.tasks).add(task);
    if (entry.isConnection) {
      assert.ok(!ahead && worker.tasks.size === 0, `connection ${task} comes to worker ${id} beside other tasks`);
      const most = this.#policy.reuse ? MOST_CONNECTIONS : 1;
      assert.ok(worker.connections.size <= most, `worker ${id} holds ${worker.connections.size}`);
      const others = [...this.#workers.values()].filter(({ phase, connections }) => phase === 'ready' && connections.size === 0);
      assert.ok(this.#max === 1 || worker.connections.size > 1 || others.length > 0, `connection ${task} took the last worker`);
    } else assert.ok(this.#max === 1 || worker.connections.size === 0, `task ${task} is started beside connections`);
  }
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values[which % Math.max(1, values.length)];
}

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    'connection',
    'connection',
    'task',
    'task',
    'end',
    'end',
    'cancel',
    'boot',
    'boot',
    'boot',
    'block',
    'answer',
    'die',
    'pass',
    'scale',
  ),
  fc.nat({ max: 200 }),
);

for (const [name, policy] of Object.entries({
  'a pool': {},
  'a pool with several tasks in a worker': { concurrency: 3 },
  'a pool that sends ahead and recycles': { aheadMs: 4, maxRequests: 5 },
  'mode fork': { reuse: false },
  'one worker': { max: 1, spares: 1 },
}))
  test(`${name}: each connection is held by one worker, apart from what is short, until it ends, and nothing is left`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const world = new World(policy);
        for (const one of steps) world.take(one);
        world.end();
      }),
      { numRuns: 400, seed: 20_261_125 },
    );
  });
