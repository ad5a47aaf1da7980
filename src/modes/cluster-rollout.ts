/**
 * Replaces workers of mode cluster while they serve: a new one listens first, then an old one stops to, and ends after what it runs. Until
 * all old ones have stopped there are at most `EXTRA` workers beside `max`, those that end included. With these places taken by old ones
 * that do not come to an end, the next one stops without a replacement.
 */
import { EXTRA } from '../scheduler/rollout.ts';
import type { ReplaceReason } from '../scheduler/types.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

/** How long the places may be taken. Longer than a worker waits for requests that are on their way. */
const BLOCKED_MS = 3000;

export interface Rolling {
  /** The worker takes no more connections, and drains. */
  retire(worker: number, reason: ReplaceReason): void;
  /** No new task meets old code. @param replaced how many workers had it */
  rolledOut(replaced: number): void;
}

export class ClusterRollout {
  readonly #supervisor: Pick<Supervisor, 'workers'>;
  readonly #rolling: Rolling;
  /** Workers that serve until another one takes their place, in the order in which they are to go. */
  readonly #outdated = new Map<number, ReplaceReason>();
  /** Workers with old code that were retired, and may still get a request on a connection that they have. */
  readonly #lingering = new Set<number>();
  /** Workers that end, and can get no request any more. */
  readonly #deaf = new Set<number>();
  #isAwaited = false;
  #replaced = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(supervisor: Pick<Supervisor, 'workers'>, rolling: Rolling) {
    this.#supervisor = supervisor;
    this.#rolling = rolling;
  }

  outdate(worker: number, reason: ReplaceReason): void {
    if (this.#outdated.get(worker) !== 'reload') this.#outdated.set(worker, reason);
  }

  /** It is not to be replaced. */
  keep(worker: number): void {
    this.#outdated.delete(worker);
    this.#lingering.delete(worker);
  }

  /** It goes for another reason. */
  leaves(worker: number): void {
    if (this.#outdated.get(worker) === 'reload') this.#lingering.add(worker);
    this.#outdated.delete(worker);
    this.#settle();
  }

  /** It has old code, and is on its way out. */
  lingers(worker: number): void {
    if (!this.#deaf.has(worker)) this.#lingering.add(worker);
  }

  /** All outdated ones are known: `rolledOut` is called when they are replaced. */
  await(): void {
    this.#isAwaited = true;
    this.#replaced = 0;
  }

  /** One more listens. */
  arrived(): void {
    this.#retireNext();
    this.#settle();
  }

  intakeEnded(worker: number): void {
    this.#deaf.add(worker);
    this.#lingering.delete(worker);
    this.#settle();
  }

  gone(worker: number): void {
    this.#outdated.delete(worker);
    this.intakeEnded(worker);
    this.#deaf.delete(worker);
  }

  close(): void {
    this.#outdated.clear();
    clearTimeout(this.#timer);
  }

  /** How many more workers may live. */
  roomBeside(max: number): number {
    return Math.max(0, max + EXTRA - [...this.#supervisor.workers].length);
  }

  /** How many workers are missing, of which `usable` serve or boot in order to, and `starting` boot. */
  missing(max: number, usable: number, starting: number): number {
    const missing = max - usable;
    if (!this.#isAwaited && this.#outdated.size === 0) return missing;
    const forRollout = Math.min(EXTRA - starting, this.#outdated.size - starting);
    return Math.min(Math.max(missing, forRollout), this.roomBeside(max));
  }

  #retireNext(): void {
    const [next] = this.#outdated;
    if (next === undefined) return;
    const [worker, reason] = next;
    this.#outdated.delete(worker);
    if (reason === 'reload') {
      this.#replaced += 1;
      this.#lingering.add(worker);
    }
    this.#rolling.retire(worker, reason);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    if (this.#outdated.size > 0) {
      // Nothing has happened for so long: whoever ends takes the place of who could begin.
      this.#timer = setTimeout(() => this.#afterSilence(), BLOCKED_MS);
    } else if (this.#isAwaited && this.#lingering.size === 0) {
      this.#isAwaited = false;
      this.#rolling.rolledOut(this.#replaced);
    }
  }

  #afterSilence(): void {
    const isBooting = [...this.#supervisor.workers].some(({ life }) => life.phase === 'starting');
    if (!isBooting && this.#someEnd()) this.#retireNext();
    this.#settle();
  }

  #someEnd(): boolean {
    return [...this.#supervisor.workers].some(({ life }) => life.phase === 'draining' || life.phase === 'killing');
  }
}
