/** The workers as the scheduler knows them: who boots, who is free, who runs what in which lane, and what they all need. */
import type { Lane } from './types.ts';

export interface WorkerRecord {
  readonly id: number;
  phase: 'starting' | 'ready' | 'withdrawn';
  task: number | undefined;
  lane: Lane;
  /** Its priority can not be raised again: it is replaced after its task. */
  sunk: boolean;
  served: number;
  deadlineMs: number;
  idleSinceMs: number;
  /** 0 until it was measured. */
  memoryBytes: number;
}

/** What is reckoned for a worker before one was measured: Node with its watchdog and a small handler. */
const FIRST_GUESS_BYTES = 64 * 2 ** 20;

export class WorkerTable {
  readonly #workers = new Map<number, WorkerRecord>();
  /** Free workers, longest idle first. The last one is used first: it is the warmest, and the others get to retire. */
  readonly #idle: WorkerRecord[] = [];
  #starting = 0;
  #withdrawn = 0;
  #long = 0;
  #measured = 0;
  #memoryBytes = 0;

  get aliveCount(): number {
    return this.#workers.size;
  }

  get startingCount(): number {
    return this.#starting;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** Ready and in the long lane. */
  get longCount(): number {
    return this.#long;
  }

  /** Ready and not in the long lane: those that serve short tasks, or could. */
  get hotCount(): number {
    return this.usableCount - this.#starting - this.#long;
  }

  /** Alive and not on the way out. */
  get usableCount(): number {
    return this.#workers.size - this.#withdrawn;
  }

  get oldestIdle(): WorkerRecord | undefined {
    return this.#idle[0];
  }

  get(id: number): WorkerRecord | undefined {
    return this.#workers.get(id);
  }

  /** How many workers the memory has room for, those that live included; at least 1. */
  capacity(memoryBytes: number): number {
    const each = this.#measured === 0 ? FIRST_GUESS_BYTES : this.#memoryBytes / this.#measured;
    const unmeasured = this.#workers.size - this.#measured;
    const free = memoryBytes - this.#memoryBytes - unmeasured * each;
    return Math.max(1, this.#workers.size + Math.floor(free / each));
  }

  add(id: number): void {
    this.#starting += 1;
    this.#workers.set(id, {
      id,
      phase: 'starting',
      task: undefined,
      lane: 'short',
      sunk: false,
      served: 0,
      deadlineMs: 0,
      idleSinceMs: 0,
      memoryBytes: 0,
    });
  }

  setReady(id: number, deadlineMs: number, nowMs: number): void {
    const worker = this.#workers.get(id);
    if (worker?.phase !== 'starting') return;
    this.#starting -= 1;
    worker.phase = 'ready';
    worker.deadlineMs = deadlineMs;
    this.addIdle(worker, nowMs);
  }

  setLane(worker: WorkerRecord, lane: Lane): void {
    if (worker.lane === lane) return;
    worker.lane = lane;
    if (worker.phase === 'ready') this.#long += lane === 'long' ? 1 : -1;
  }

  measure(id: number, memoryBytes: number): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#forgetMeasures(worker);
    worker.memoryBytes = memoryBytes;
    if (memoryBytes > 0) this.#measured += 1;
    this.#memoryBytes += memoryBytes;
  }

  #forgetMeasures(worker: WorkerRecord): void {
    if (worker.memoryBytes > 0) this.#measured -= 1;
    this.#memoryBytes -= worker.memoryBytes;
  }

  addIdle(worker: WorkerRecord, nowMs: number): void {
    worker.idleSinceMs = nowMs;
    this.#idle.push(worker);
  }

  takeIdle(): WorkerRecord | undefined {
    return this.#idle.pop();
  }

  withdraw(id: number): void {
    const worker = this.#workers.get(id);
    if (worker === undefined || worker.phase === 'withdrawn') return;
    if (worker.phase === 'starting') this.#starting -= 1;
    else if (worker.lane === 'long') this.#long -= 1;
    worker.phase = 'withdrawn';
    this.#withdrawn += 1;
    this.#dropIdle(worker);
  }

  remove(id: number): WorkerRecord | undefined {
    const worker = this.#workers.get(id);
    if (worker === undefined) return undefined;
    this.withdraw(id);
    this.#withdrawn -= 1;
    this.#forgetMeasures(worker);
    this.#workers.delete(id);
    return worker;
  }

  #dropIdle(worker: WorkerRecord): void {
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
