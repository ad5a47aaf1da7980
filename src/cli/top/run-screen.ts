import { setMaxListeners } from 'node:events';
import type { Incidents, State } from '../../admin/api.ts';
import { actOnWorker } from './act-on-worker.ts';
import { type Followed, followServer } from './follow-server.ts';
import { type Effect, type Happening, initialModel, type Model } from './model.ts';
import { Screen, type ScreenParts } from './screen.ts';
import { update } from './update.ts';
import { view } from './view.ts';

/** Fast enough to look smooth, and slow enough for a line to another continent. */
const FRAME_MS = 40;
const TICK_MS = 1000;
/** For the shell to stop us after Ctrl-Z. Where nobody can, nothing happens. */
const STOPPED_MS = 200;

/**
 * `top` on a terminal, until the user quits or the signal aborts. It does what the model says, and holds no decision of its own. However it
 * ends, an error included, the terminal is as it was.
 */
export async function runScreen(parts: ScreenParts, followed: Followed, first: State, signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  // Each question to the server listens to it, and a warning of Node would be written across the screen.
  setMaxListeners(0, ending.signal);
  const end = (): void => ending.abort();
  const over = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve(), { once: true }));
  if (signal.aborted) return;
  signal.addEventListener('abort', end, { once: true });
  const top = new Top(parts, followed, ending);
  const { input, output } = parts;
  const leave = (): void => top.screen.leave();
  // Before anything is said about the error, or it would be said on the screen that is about to vanish.
  process.once('uncaughtExceptionMonitor', leave);
  process.once('exit', leave);
  process.on('SIGCONT', top.enter);
  output.on('resize', top.resize);
  // The terminal was closed.
  input.once('end', end);
  input.once('error', end);
  output.once('error', end);
  const tick = setInterval(() => top.happen({ event: 'tick' }), TICK_MS);
  try {
    top.enter();
    top.happen({ event: 'state', data: first });
    void top.lookBack();
    await Promise.race([top.follow(), over]);
  } finally {
    end();
    clearInterval(tick);
    leave();
    process.off('SIGCONT', top.enter);
    output.off('resize', top.resize);
    process.off('exit', leave);
    process.off('uncaughtExceptionMonitor', leave);
  }
}

class Top {
  readonly screen: Screen;
  readonly #followed: Followed;
  readonly #ending: AbortController;
  #model: Model;
  #frame: NodeJS.Timeout | undefined;

  constructor(parts: ScreenParts, followed: Followed, ending: AbortController) {
    this.screen = new Screen(parts, (key) => this.happen({ event: 'key', key }));
    this.#followed = followed;
    this.#ending = ending;
    this.#model = initialModel(this.screen.size, nowMs());
  }

  readonly enter = (): void => {
    this.screen.enter();
    this.resize();
  };

  readonly resize = (): void => this.happen({ event: 'size', size: this.screen.size });

  async follow(): Promise<void> {
    for await (const happening of followServer(this.#followed, this.#ending.signal)) this.happen(happening);
  }

  /** What went wrong before it was started is still to be known. */
  async lookBack(): Promise<void> {
    const known = await this.#followed.client
      .get<Incidents>('/api/incidents', { signal: this.#ending.signal })
      .catch(() => undefined);
    const newest = known?.incidents[0];
    if (newest !== undefined && this.#model.incident === null) this.happen({ event: 'incident', data: newest });
  }

  happen(happening: Happening): void {
    if (this.#ending.signal.aborted) return;
    const { model, effects } = update(this.#model, happening, nowMs());
    this.#model = model;
    for (const effect of effects) this.#carryOut(effect);
    if (this.#frame === undefined) this.#frame = setTimeout(() => this.#draw(), FRAME_MS);
  }

  #draw(): void {
    this.#frame = undefined;
    if (!this.#ending.signal.aborted) this.screen.draw(view(this.#model), this.#model.size);
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'quit':
        this.#ending.abort();
        return;
      case 'redraw':
        this.screen.forget();
        return;
      case 'suspend':
        this.screen.leave();
        // As the terminal would, were it not raw: the whole job.
        process.kill(0, 'SIGTSTP');
        setTimeout(this.enter, STOPPED_MS);
        return;
      default: {
        const tell = (happening: Happening): void => this.happen(happening);
        void actOnWorker(effect, this.#followed.client, tell, this.#ending.signal);
      }
    }
  }
}

/** A Unix time that never jumps. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
