import { decide, type Life, type LifeEvent, newLife, wakeAtMs } from '../../src/supervisor/decisions/life.ts';
import type { Health } from '../../src/supervisor/decisions/health.ts';
import type { Clock } from '../kernel/clock.ts';
import type { WorkerProcess } from '../machine/worker-process.ts';

/** One living worker, and the thin shell that carries out what `decisions/life.ts` decides (`src/supervisor/supervised-worker.ts`). */
export class Supervised {
  readonly process: WorkerProcess;
  readonly generation: number;
  /** It tries new code. */
  readonly isTrial: boolean;
  lastHeartbeatMs: number;
  lastWordMs: number;
  eventLoopDelayMs = 0;
  health: Health = 'alive';
  readonly #clock: Clock;
  readonly #onLifeChanged: (worker: Supervised, before: Life) => void;
  #life: Life;
  #timer = 0;

  constructor(
    process: WorkerProcess,
    { generation, isTrial }: { readonly generation: number; readonly isTrial: boolean },
    clock: Clock,
    bootTimeoutMs: number,
    onLifeChanged: (worker: Supervised, before: Life) => void,
  ) {
    this.process = process;
    this.generation = generation;
    this.isTrial = isTrial;
    this.#clock = clock;
    this.#onLifeChanged = onLifeChanged;
    this.lastHeartbeatMs = clock.nowMs;
    this.lastWordMs = clock.nowMs;
    this.#life = newLife(clock.nowMs, bootTimeoutMs);
    this.#armTimer();
  }

  get id(): number {
    return this.process.id;
  }

  get life(): Life {
    return this.#life;
  }

  apply(event: LifeEvent): void {
    const before = this.#life;
    const { life, orders } = decide(before, event, this.#clock.nowMs);
    this.#life = life;
    for (const order of orders) {
      if (order === 'sendDrain') this.process.send({ type: 'Drain' });
      else this.process.signal(order === 'sendTerm' ? 'SIGTERM' : 'SIGKILL');
    }
    this.#armTimer();
    if (life.phase !== before.phase) this.#onLifeChanged(this, before);
  }

  #armTimer(): void {
    this.#timer += 1;
    const timer = this.#timer;
    const atMs = wakeAtMs(this.#life);
    if (atMs === undefined) return;
    this.#clock.after(Math.max(0, Math.ceil(atMs - this.#clock.nowMs)), () => {
      if (timer === this.#timer) this.apply({ type: 'clockTicked' });
    });
  }
}
