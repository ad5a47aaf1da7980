/** The workers as the scheduler knows them: who boots, who is free, who runs what. */

export interface WorkerRecord {
  readonly id: number;
  phase: 'starting' | 'ready' | 'withdrawn';
  task: number | undefined;
  served: number;
  deadlineMs: number;
  idleSinceMs: number;
}

export class WorkerTable {
  readonly #workers = new Map<number, WorkerRecord>();
  /** Free workers, longest idle first. The last one is used first: it is the warmest, and the others get to retire. */
  readonly #idle: WorkerRecord[] = [];
  #starting = 0;
  #withdrawn = 0;

  get aliveCount(): number {
    return this.#workers.size;
  }

  get startingCount(): number {
    return this.#starting;
  }

  get idleCount(): number {
    return this.#idle.length;
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

  add(id: number): void {
    this.#starting += 1;
    this.#workers.set(id, { id, phase: 'starting', task: undefined, served: 0, deadlineMs: 0, idleSinceMs: 0 });
  }

  setReady(id: number, deadlineMs: number, nowMs: number): void {
    const worker = this.#workers.get(id);
    if (worker?.phase !== 'starting') return;
    this.#starting -= 1;
    worker.phase = 'ready';
    worker.deadlineMs = deadlineMs;
    this.addIdle(worker, nowMs);
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
    worker.phase = 'withdrawn';
    this.#withdrawn += 1;
    this.#dropIdle(worker);
  }

  remove(id: number): WorkerRecord | undefined {
    const worker = this.#workers.get(id);
    if (worker === undefined) return undefined;
    this.withdraw(id);
    this.#withdrawn -= 1;
    this.#workers.delete(id);
    return worker;
  }

  #dropIdle(worker: WorkerRecord): void {
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
