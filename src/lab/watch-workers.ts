import type { State } from '../admin/api.ts';
import { AdminClient } from '../admin/client.ts';
import type { LaneWorker } from './api.ts';

/** In mode blocking the server itself computes, and does not answer: it has no workers to tell of either. */
const ANSWER_MS = 3000;

/** Asks a server, again and again, what its workers do. One question at a time. */
export class WorkerWatch {
  readonly #client: AdminClient;
  #workers: ReadonlyMap<number, readonly LaneWorker[]> = new Map();
  #isAsking = false;

  /** @param url of its admin port; looking needs no token */
  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#client = new AdminClient({ host: hostname, port: Number(port), token: undefined });
  }

  /** As of its last answer, by pid. */
  get workers(): ReadonlyMap<number, readonly LaneWorker[]> {
    return this.#workers;
  }

  ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#client
      .get<State>('/api/state', { timeoutMs: ANSWER_MS })
      .then(
        ({ workers }) => {
          this.#workers = byPid(workers);
        },
        // It computes, or has just ended.
        () => undefined,
      )
      .finally(() => {
        this.#isAsking = false;
      });
  }
}

function byPid(workers: State['workers']): Map<number, LaneWorker[]> {
  const found = new Map<number, LaneWorker[]>();
  for (const { pid, id, state, lane, health } of workers) {
    const worker = { id, state, lane, health };
    const others = found.get(pid);
    if (others === undefined) found.set(pid, [worker]);
    else others.push(worker);
  }
  return found;
}
