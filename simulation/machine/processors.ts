/**
 * The CPUs of the simulated machine. Who computes shares them: a process uses one CPU at most, those of normal priority come first and
 * share as equals, those that were demoted share what is left, and together never less than the floor. That is what Linux does with nice
 * values over times that are longer than its time slices, and nothing that is shorter matters here.
 *
 * Each class has a virtual time, which is the CPU time that each of its members has got. A burst that needs 5 ms more ends when
 * the virtual time of its class has gone on by 5, whoever comes and goes in between: so an event costs log n and not n.
 */
import { DueQueue } from '../../src/scheduler/due-queue.ts';

export type Level = 'normal' | 'demoted';

interface Class {
  /** CPU time that each member got so far, ms. */
  virtualMs: number;
  /** CPUs that each member has now. */
  rate: number;
  /** When whose burst ends, in virtual time. */
  readonly ends: DueQueue;
}

interface Burst {
  level: Level;
  /** Virtual time of its class at which it ends. */
  endMs: number;
  readonly lengthMs: number;
}

export class Processors {
  readonly #cpus: number;
  readonly #floorCpus: number;
  readonly #classes: Record<Level, Class> = { normal: newClass(), demoted: newClass() };
  readonly #bursts = new Map<number, Burst>();
  #atMs = 0;
  #normalMs = 0;

  /**
   * @param cpus how many there are, a fraction where less than whole ones are granted
   * @param floor share of them that demoted processes keep
   */
  constructor(cpus: number, floor: number) {
    this.#cpus = cpus;
    this.#floorCpus = floor * cpus;
  }

  /** CPU time of all that was done at normal priority, ms. */
  normalMs(nowMs: number): number {
    this.#advance(nowMs);
    return this.#normalMs;
  }

  /** When the next burst ends, if nobody comes and goes; infinity when nobody computes. */
  get nextMs(): number {
    return Math.min(this.#endOf('normal'), this.#endOf('demoted'));
  }

  /** Process `id` begins to compute for so long on a CPU of its own; it must not compute already. */
  begin(id: number, lengthMs: number, level: Level, nowMs: number): void {
    if (this.#bursts.has(id)) throw new Error(`process ${id} computes already`);
    this.#advance(nowMs);
    const endMs = this.#classes[level].virtualMs + lengthMs;
    this.#bursts.set(id, { level, endMs, lengthMs });
    this.#classes[level].ends.add(id, endMs);
    this.#share();
  }

  /** It stops before its burst is over. */
  stop(id: number, nowMs: number): void {
    const burst = this.#bursts.get(id);
    if (burst === undefined) return;
    this.#advance(nowMs);
    this.#bursts.delete(id);
    this.#classes[burst.level].ends.remove(id);
    this.#share();
  }

  setLevel(id: number, level: Level, nowMs: number): void {
    const burst = this.#bursts.get(id);
    if (burst === undefined || burst.level === level) return;
    this.#advance(nowMs);
    const leftMs = burst.endMs - this.#classes[burst.level].virtualMs;
    this.#classes[burst.level].ends.remove(id);
    burst.level = level;
    burst.endMs = this.#classes[level].virtualMs + leftMs;
    this.#classes[level].ends.add(id, burst.endMs);
    this.#share();
  }

  /** CPU time that the present burst of a process got so far, ms. */
  usedMs(id: number, nowMs: number): number {
    const burst = this.#bursts.get(id);
    if (burst === undefined) return 0;
    this.#advance(nowMs);
    return burst.lengthMs - (burst.endMs - this.#classes[burst.level].virtualMs);
  }

  /** Takes the process whose burst ends first; to be called when that time has come. */
  take(nowMs: number): number | undefined {
    const level = this.#endOf('normal') <= this.#endOf('demoted') ? 'normal' : 'demoted';
    const { ends } = this.#classes[level];
    const id = ends.peek();
    if (id === undefined) return undefined;
    this.#advance(nowMs);
    // It ends now by definition: sums of fractions may be off by a rounding error.
    this.#classes[level].virtualMs = Math.max(this.#classes[level].virtualMs, ends.nextDueMs ?? 0);
    this.#bursts.delete(id);
    ends.remove(id);
    this.#share();
    return id;
  }

  #endOf(level: Level): number {
    const { ends, virtualMs, rate } = this.#classes[level];
    const endMs = ends.nextDueMs;
    return endMs === undefined ? Number.POSITIVE_INFINITY : this.#atMs + Math.max(0, endMs - virtualMs) / rate;
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    this.#atMs = nowMs;
    for (const level of ['normal', 'demoted'] as const) {
      const { rate, ends } = this.#classes[level];
      this.#classes[level].virtualMs += rate * elapsedMs;
      if (level === 'normal') this.#normalMs += rate * ends.size * elapsedMs;
    }
  }

  #share(): void {
    const [normal, demoted] = [this.#classes.normal.ends.size, this.#classes.demoted.ends.size];
    const left = this.#cpus - Math.min(normal, this.#cpus);
    const toDemoted = Math.min(demoted, Math.max(left, this.#floorCpus));
    const toNormal = Math.min(normal, this.#cpus - toDemoted);
    this.#classes.normal.rate = normal === 0 ? 0 : toNormal / normal;
    this.#classes.demoted.rate = demoted === 0 ? 0 : toDemoted / demoted;
  }
}

function newClass(): Class {
  return { virtualMs: 0, rate: 0, ends: new DueQueue() };
}
