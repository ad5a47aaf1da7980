import assert from 'node:assert/strict';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type { Policy, SchedulerCommand, SchedulerEvent, TaskFacts } from '../../src/scheduler/types.ts';

interface Happening {
  readonly atMs: number;
  readonly turn: number;
  readonly happen: () => void;
}

interface TaskFate {
  readonly facts: TaskFacts;
  readonly runMs: number;
  committed: boolean;
  starts: number;
  requeues: number;
  answers: number;
  worker: number | undefined;
}

const DEADLINE_MS = 3000;

/**
 * A world for the scheduler: workers that boot, run, crash and end, clients that come and go, all from one seed, on a virtual
 * clock. It carries out what it is told, and checks after each event what must always hold.
 */
export class World {
  boots = 0;
  readonly #policy: Policy;
  readonly #scheduler: Scheduler;
  readonly #calm: boolean;
  readonly #tasks = new Map<number, TaskFate>();
  readonly #workers = new Map<number, 'starting' | 'ready' | 'withdrawn'>();
  readonly #running = new Map<number, number>();
  readonly #long = new Set<number>();
  #agenda: Happening[] = [];
  #nowMs = 0;
  #turn = 0;
  #state: number;
  #paused = false;

  constructor(policy: Policy, seed: number, { calm = false } = {}) {
    this.#policy = policy;
    this.#scheduler = new Scheduler(policy);
    this.#state = seed;
    this.#calm = calm;
  }

  run(tasks: number): void {
    let atMs = 0;
    for (let task = 1; task <= tasks; task += 1) {
      // Bursts: most come at once, some after a pause.
      atMs += this.#calm ? 20 : this.#chance(0.6) ? 0 : Math.floor(200 * this.#random());
      this.#at(atMs, () => this.#arrive(task));
    }
    this.#tell({ type: 'ClockTicked' });
    let sameTime = 0;
    for (;;) {
      const next = this.#agenda[0];
      const wakeMs = this.#scheduler.nextWakeMs(this.#nowMs);
      const nextMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, wakeMs ?? Number.POSITIVE_INFINITY);
      if (nextMs === Number.POSITIVE_INFINITY) return;
      sameTime = nextMs <= this.#nowMs ? sameTime + 1 : 0;
      assert.ok(sameTime < 10_000, 'time stands still');
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      if (next !== undefined && next.atMs <= this.#nowMs) {
        this.#agenda.shift();
        next.happen();
      } else this.#tell({ type: 'ClockTicked' });
    }
  }

  /** Nothing waits, nothing runs, and each task was answered. */
  checkDrained(): void {
    const { queued, running, long, overstaying } = this.#scheduler.figures;
    assert.deepEqual({ queued, running, long, overstaying }, { queued: 0, running: 0, long: 0, overstaying: 0 });
    for (const [id, task] of this.#tasks) assert.equal(task.answers, 1, `task ${id} was answered ${task.answers} times`);
  }

  #arrive(id: number): void {
    const facts: TaskFacts = {
      key: `key ${this.#below(4)}`,
      client: `client ${this.#below(3)}`,
      weight: 1 + this.#below(3),
      priority: this.#below(5) - 2,
      restartable: this.#chance(0.5),
      hasBody: false,
    };
    const runMs = this.#calm ? 5 : this.#chance(0.6) ? this.#below(40) : Math.floor(10 / (this.#random() + 0.001));
    this.#tasks.set(id, { facts, runMs, committed: false, starts: 0, requeues: 0, answers: 0, worker: undefined });
    this.#tell({ type: 'TaskArrived', task: id, facts });
    if (!this.#calm && this.#chance(0.1)) this.#at(this.#nowMs + this.#below(300), () => this.#cancel(id));
  }

  #cancel(id: number): void {
    const task = this.#fate(id);
    if (task.answers > 0) return;
    // Nobody waits any more: that is an answer of its own.
    task.answers += 1;
    this.#tell({ type: 'TaskCancelled', task: id });
  }

  #tell(event: SchedulerEvent): void {
    for (const command of this.#scheduler.handle(event, this.#nowMs)) this.#carryOut(command);
    this.#check();
    this.#boot();
  }

  #carryOut(command: SchedulerCommand): void {
    switch (command.type) {
      case 'StartTask':
        return this.#start(command.task, command.worker, command.lane === 'long');
      case 'RejectTask':
        return this.#answer(command.task);
      case 'RetryTask': {
        const task = this.#fate(command.task);
        assert.ok(task.facts.restartable && !task.committed, `task ${command.task} may not be started again`);
        task.requeues += 1;
        this.#running.delete(command.worker);
        return;
      }
      case 'RevokeTask':
        return;
      case 'ProbeWorker':
      case 'ExpireTask':
      case 'ReturnTask':
        assert.fail(`nothing here is sent ahead: ${command.type}`);
      case 'LoseTask':
        this.#running.delete(command.worker);
        return this.#answer(command.task, { ifNotYet: true });
      case 'RequeueTask': {
        const task = this.#fate(command.task);
        assert.ok(task.facts.restartable && !task.committed, `task ${command.task} may not be started again`);
        task.requeues += 1;
        this.#running.delete(command.worker);
        return this.#end(command.worker);
      }
      case 'DemoteTask':
        assert.equal(this.#running.get(command.worker), command.task);
        this.#long.add(command.worker);
        return;
      case 'TaskOverstays':
      case 'CancelTask':
        assert.equal(this.#running.get(command.worker), command.task);
        return;
      case 'KillTask':
        if (command.reason === 'deadline') this.#answer(command.task);
        return this.#end(command.worker);
      case 'RetireWorker':
        assert.equal(this.#running.get(command.worker), undefined, 'a worker that runs a task is not retired');
        return this.#end(command.worker);
    }
  }

  #start(id: number, worker: number, long: boolean): void {
    const task = this.#fate(id);
    assert.equal(this.#workers.get(worker), 'ready', `task ${id} started on a worker that is not ready`);
    assert.equal(this.#running.get(worker), undefined, `worker ${worker} runs two tasks`);
    assert.equal(task.answers, 0, `task ${id} started after it was answered`);
    assert.equal(task.starts, task.requeues, `task ${id} started twice`);
    task.starts += 1;
    task.worker = worker;
    this.#running.set(worker, id);
    if (long) this.#long.add(worker);
    const startedWith = task.starts;
    const isStill = (): boolean => this.#running.get(worker) === id && task.starts === startedWith;
    if (!this.#calm && this.#chance(0.2)) {
      this.#at(this.#nowMs + Math.min(20, Math.floor(task.runMs / 2)), () => {
        if (!isStill()) return;
        task.committed = true;
        this.#tell({ type: 'TaskCommitted', task: id });
      });
    }
    const crashes = !this.#calm && this.#chance(0.05);
    this.#at(this.#nowMs + task.runMs, () => {
      if (!isStill()) return;
      if (crashes) this.#gone(worker);
      else this.#finish(id, worker);
    });
  }

  #finish(id: number, worker: number): void {
    if (!this.#calm && this.#chance(0.1)) this.#tell({ type: 'WorkerSunk', worker });
    this.#running.delete(worker);
    this.#long.delete(worker);
    this.#answer(id, { ifNotYet: true });
    this.#tell({ type: 'TaskEnded', task: id });
  }

  /** The worker drains or is killed: it is gone in a while. */
  #end(worker: number): void {
    this.#workers.set(worker, 'withdrawn');
    this.#long.delete(worker);
    this.#at(this.#nowMs + this.#below(100), () => this.#gone(worker));
  }

  #gone(worker: number): void {
    if (!this.#workers.delete(worker)) return;
    this.#long.delete(worker);
    this.#tell({ type: 'WorkerGone', worker });
  }

  #boot(): void {
    if (this.#paused) return;
    for (let count = this.#scheduler.missingWorkers(this.#nowMs); count > 0; count -= 1) {
      this.boots += 1;
      const worker = this.boots;
      this.#workers.set(worker, 'starting');
      for (const command of this.#scheduler.handle({ type: 'WorkerStarting', worker }, this.#nowMs)) this.#carryOut(command);
      const fails = !this.#calm && this.#chance(0.1);
      this.#at(this.#nowMs + 50 + this.#below(200), () => (fails ? this.#failBoot(worker) : this.#ready(worker)));
    }
  }

  #ready(worker: number): void {
    if (this.#workers.get(worker) !== 'starting') return;
    this.#workers.set(worker, 'ready');
    this.#tell({ type: 'WorkerReady', worker, deadlineMs: DEADLINE_MS });
    this.#tell({ type: 'WorkerMeasured', worker, memoryBytes: 50 + this.#below(100) });
    if (!this.#calm) this.#tell({ type: 'LoadMeasured', cpus: 2 * this.#policy.cpus * this.#random() });
  }

  #failBoot(worker: number): void {
    this.#paused = true;
    this.#tell({ type: 'BootsPaused' });
    this.#gone(worker);
    this.#at(this.#nowMs + this.#below(1000), () => {
      this.#paused = false;
      this.#tell({ type: 'BootsResumed' });
    });
  }

  #check(): void {
    const { max, cpus, memoryBytes, queueLimit } = this.#policy;
    assert.ok(this.#workers.size <= max, `${this.#workers.size} workers, at most ${max} are allowed`);
    const { queued, queuedLong } = this.#scheduler.figures;
    // What comes back from a worker that is lost waits again, whoever waits meanwhile.
    assert.ok(queued <= queueLimit + max, `${queued} wait, at most ${queueLimit} may`);
    if (memoryBytes === 0) {
      const reserved = Math.min(Math.ceil(cpus), max - 1);
      assert.ok(this.#long.size <= max - reserved, `${this.#long.size} long tasks took reserved workers`);
    }
    const ready = [...this.#workers].filter(([id, phase]) => phase === 'ready' && !this.#running.has(id));
    if (queued - queuedLong > 0) assert.deepEqual(ready, [], 'a short task waits beside a free worker');
  }

  #answer(id: number, { ifNotYet = false } = {}): void {
    const task = this.#fate(id);
    if (ifNotYet && task.answers > 0) return;
    task.answers += 1;
    assert.equal(task.answers, 1, `task ${id} was answered twice`);
  }

  #fate(id: number): TaskFate {
    const task = this.#tasks.get(id);
    assert.ok(task !== undefined, `task ${id} does not exist`);
    return task;
  }

  #at(atMs: number, happen: () => void): void {
    this.#turn += 1;
    const happening = { atMs, turn: this.#turn, happen };
    let [low, high] = [0, this.#agenda.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#agenda[middle]?.atMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    this.#agenda.splice(low, 0, happening);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** Mulberry32: small, seeded, and good enough to make trouble. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
