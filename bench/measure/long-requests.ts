import { setMaxListeners } from 'node:events';
import { ask } from '../load/ask.ts';
import { LONG_NUMBER } from '../load/phases.ts';
import { nowMs } from '../now.ts';

const LIMIT_MS = 3_600_000;

/** Long requests on their way to a server, each on a connection of its own. */
export class LongRequests {
  /** When they were sent, by the clock of the system. */
  readonly sentAtMs = Date.now();
  /** What each asks for. */
  readonly urls: readonly string[];
  readonly #controller = new AbortController();
  readonly #outcomes: (string | null)[];

  /** @param routes what each has before its number */
  constructor(port: number, routes: readonly string[]) {
    this.urls = routes.map((route) => `${route}number=${LONG_NUMBER}`);
    this.#outcomes = routes.map(() => null);
    const { signal } = this.#controller;
    // One for each request.
    setMaxListeners(0, signal);
    for (const [index, route] of routes.entries()) {
      const question = { port, route, number: LONG_NUMBER, agent: false, limitMs: LIMIT_MS, sinceMs: nowMs(), signal } as const;
      void ask(question).then((outcome) => {
        this.#outcomes[index] = outcome.kind === 'failed' ? outcome.why : outcome.kind;
      });
    }
  }

  /** What became of each so far; null while it is open. */
  outcomes(): readonly (string | null)[] {
    return [...this.#outcomes];
  }

  /** What became of those that are not open, by what happened. */
  ended(): Readonly<Record<string, number>> {
    const ended: Record<string, number> = {};
    for (const outcome of this.#outcomes) if (outcome !== null) ended[outcome] = (ended[outcome] ?? 0) + 1;
    return ended;
  }

  abort(): void {
    this.#controller.abort();
  }
}
