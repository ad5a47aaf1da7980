import { get } from 'node:http';
import { text } from 'node:stream/consumers';

/** A worker of a prefork. */
export interface WorkerSeen {
  readonly pid: number;
  /** The request that it runs; null for none. The time is by the clock of the system. */
  readonly task: { readonly url: string; readonly startedAtMs: number } | null;
}

interface State {
  readonly workers: readonly {
    readonly pid: number;
    readonly task?: { readonly url: string; readonly startedAt: string } | null;
  }[];
}

const LIMIT_MS = 5000;

/**
 * All workers of a prefork and what they run, as its admin API says.
 * @param socket that of the admin API
 * @throws Error when nobody answers there within 5 s
 */
export async function readWorkers(socket: string): Promise<readonly WorkerSeen[]> {
  const { workers } = JSON.parse(await read(socket)) as State;
  return workers.map(({ pid, task = null }) => ({
    pid,
    task: task === null ? null : { url: task.url, startedAtMs: Date.parse(task.startedAt) },
  }));
}

function read(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const asking = get({ socketPath, path: '/api/state', agent: false, signal }, (response) => {
      if (response.statusCode === 200) text(response).then(resolve, reject);
      else reject(new Error(`the admin API answered with status ${response.statusCode}`));
    });
    asking.once('error', reject);
  });
}
