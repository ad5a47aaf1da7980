/**
 * What may become of a task that outlives its quantum. Where the long lane has room, by the books of the audit, it goes there; else it is put back where
 * it may be started again, and overstays where not. And who is kept out before it starts, or has to wait for that lane, has a key that was long.
 */
import type { Policy, SchedulerEvent } from '../../src/scheduler/types.ts';
import { LongKeys } from './long-keys.ts';
import type { Fate, TaskFates } from './task-fates.ts';
import { must } from './violation.ts';
import { isDeaf, type WorkerShadow, type WorkerShadows } from './worker-shadows.ts';

type Outcome = 'DemoteTask' | 'TaskOverstays' | 'RequeueTask';

const ROUNDING_MS = 1e-3;
/** Those of the scheduler: quanta that a task has on the clock at most, and the share of one that may be missing. */
const MOST_QUANTA = 10;
const NEARLY = 0.1;
/** How long a worker that is asked has to answer, with and without a CPU to spare. */
const ANSWER_MS = 10;
const CROWDED_ANSWER_MS = 40;

export class LongLaneRules {
  readonly #policy: Policy;
  readonly #fates: TaskFates;
  readonly #workers: WorkerShadows;
  readonly #keys: LongKeys;
  readonly #probed = new Set<WorkerShadow>();
  #hadRoom = false;

  constructor(policy: Policy, fates: TaskFates, workers: WorkerShadows) {
    this.#policy = policy;
    this.#fates = fates;
    this.#workers = workers;
    this.#keys = new LongKeys(policy.quantumMs);
  }

  arrive(fate: Fate): void {
    if (!this.#learns(fate)) return;
    fate.mayBeLong = this.#keys.mayBeLong(fate.facts.key);
    fate.mustBeLong = this.#keys.arrive(fate.facts.key);
  }

  /** Its worker is to end for it after so long on the clock: it might have taken any time beyond that. */
  cutOff(fate: Fate, ranMs: number): void {
    if (ranMs - fate.waitedMs > this.#policy.quantumMs) this.ran(fate, ranMs);
  }

  /** It was over, or waits for the long lane now, after so long on the clock. */
  ran(fate: Fate, ranMs: number): void {
    if (this.#learns(fate)) this.#keys.ran(fate.facts.key, Math.max(0, ranMs - fate.waitedMs));
  }

  /** Where handlers wait, and for connections, nothing is expected. */
  #learns({ facts }: Fate): boolean {
    return this.#policy.concurrency === 1 && facts.isConnection !== true;
  }

  probe(worker: WorkerShadow, isCrowded: boolean, nowMs: number): void {
    worker.probeDueMs ??= nowMs + (isCrowded ? CROWDED_ANSWER_MS : ANSWER_MS);
    this.#probed.add(worker);
  }

  /** Whether the task may be turned away because the long lane is full. */
  mayKeepOut(fate: Fate): boolean {
    return fate.mayBeLong && this.#fates.lanes.overstays > 0 && !this.#workers.longLaneHasRoom;
  }

  start({ task, facts, mayBeLong, mustBeLong }: Fate, lane: 'short' | 'long'): void {
    const { key } = facts;
    if (lane === 'long') must(mayBeLong, () => `task ${task} is sent to the long lane, and nothing says that ${key} is long`);
    else if (mustBeLong)
      must(this.#keys.sendShort(key), () => `task ${task} is sent to the short lane, and ${key} is long for certain`);
  }

  /** To be asked before the books change. */
  check(type: Outcome, fate: Fate, worker: WorkerShadow, event: SchedulerEvent, nowMs: number): void {
    const { concurrency, queueLimit } = this.#policy;
    if (concurrency > 1) this.#mustBeBlocked(type, fate, worker, nowMs);
    else this.#mustBeLong(type, fate, event, nowMs);
    // The one before it, whose end is still to be heard of, may have brought their worker there.
    const hasRoom = this.#workers.longLaneHasRoom || worker.lane === 'long';
    must(
      hasRoom === (type === 'DemoteTask'),
      () => `${type}: task ${fate.task} outlived its quantum, and ${this.#workers.longLane}`,
    );
    if (type === 'DemoteTask') return;
    const canWait = this.#fates.counts.waiting < queueLimit;
    const mayStartAgain = concurrency === 1 && fate.facts.restartable && !fate.committed;
    if (type === 'TaskOverstays')
      must(!mayStartAgain || !canWait, () => `task ${fate.task} overstays, and could wait and be started again`);
    else must(mayStartAgain && canWait, () => `task ${fate.task} is put back, and must not be started again, or can not wait`);
  }

  /** Everything was decided. */
  settled(nowMs: number): void {
    for (const worker of this.#probed) {
      if (worker.probeDueMs !== undefined && !isDeaf(worker, nowMs)) continue;
      this.#probed.delete(worker);
      if (worker.probeDueMs === undefined) continue;
      worker.probeDueMs = undefined;
      worker.blocked = true;
      this.#workers.refile(worker);
    }
    // What overstays was there first: room in the long lane is for it, at the next event at the latest.
    const waits = this.#policy.concurrency === 1 && this.#fates.lanes.overstays > 0 && this.#workers.longLaneHasRoom;
    must(!waits || !this.#hadRoom, () => `${this.#fates.lanes.overstays} tasks overstay, and ${this.#workers.longLane}`);
    this.#hadRoom = waits;
  }

  /** It was measured just now, and has had its quantum; or it was over before, and there was no room. */
  #mustBeLong(type: Outcome, { task, lane, startedMs, waitedMs }: Fate, event: SchedulerEvent, nowMs: number): void {
    if (lane === 'overstays' && type === 'DemoteTask') return;
    must(lane === 'short', () => `${type}: task ${task}, and its lane is ${lane}`);
    const isMeasured = event.type === 'TaskMeasured' && event.task === task;
    must(isMeasured, () => `${type}: task ${task}, and nobody knows how long it waited for a CPU`);
    const { quantumMs } = this.#policy;
    const mostMs = Math.min(quantumMs + waitedMs, MOST_QUANTA * quantumMs);
    const ranMs = nowMs - startedMs;
    must(ranMs >= mostMs - NEARLY * quantumMs - ROUNDING_MS, () => {
      return `${type}: task ${task} after ${ranMs} ms, ${waitedMs} of which it waited for a CPU`;
    });
  }

  /** Where tasks share a worker it is not enough that one takes long: it may only wait. */
  #mustBeBlocked(type: Outcome, { task, startedMs }: Fate, worker: WorkerShadow, nowMs: number): void {
    must(type !== 'RequeueTask', () => `task ${task} is put back, and its worker may run others`);
    const ranMs = nowMs - startedMs;
    must(ranMs >= this.#policy.quantumMs - ROUNDING_MS, () => `${type}: task ${task} after ${ranMs} ms, within its quantum`);
    must(isDeaf(worker, nowMs), () => `${type}: task ${task}, and the event loop of worker ${worker.id} turns`);
    worker.blocked = true;
    worker.probeDueMs = undefined;
  }
}
