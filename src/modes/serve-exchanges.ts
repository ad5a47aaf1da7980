import type { TunnelKind } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import type { Backend } from '../http/backend.ts';
import { Front } from '../http/front.ts';
import { TaskCounts, timesOf, totalsOf } from '../http/task-counts.ts';
import type { BackendFacts } from './dispatcher-facts.ts';
import type { RunningMode, WorkerControl } from './running-mode.ts';

/** What runs the tasks behind a front in this process. */
export interface OwnBackend extends Backend {
  /** Resolves when a task would be run. @throws PreforkError when that will not be */
  start(): Promise<void>;
  /** The end has begun: exchanges that are open go on, and no others will come. */
  closing?(): void;
  /** Called when no exchange is open any more, but for connections that speak another protocol: it ends them. */
  close(): Promise<void>;
  /** Tasks that run on although nobody waits for them. */
  readonly detachedCount: number;
  force(): void;
  /** Calls back with how clients may ask for another protocol, now and whenever it changes. */
  onTakes(callback: (kinds: readonly TunnelKind[]) => void): void;
  /** Why a new request would not be taken, or undefined when it would. */
  readonly unready: string | undefined;
  facts(): BackendFacts;
}

/** Puts a front before a backend: every mode in which the primary itself accepts the connections. */
export async function serveExchanges(settings: Settings, backend: OwnBackend, control: WorkerControl): Promise<RunningMode> {
  await backend.start();
  const counts = new TaskCounts(settings.quantumMs);
  const front = new Front(settings, backend, counts, () => backend.unready);
  backend.onTakes((kinds) => front.take(kinds));
  let address;
  try {
    address = await front.listen();
  } catch (error) {
    await backend.close();
    throw error;
  }
  let lost = 0;
  return {
    host: settings.host,
    port: address.port,
    control,
    renewCertificate: () => front.renewCertificate(),
    get running() {
      return front.openCount;
    },
    async close() {
      backend.closing?.();
      await front.close();
      await backend.close();
      return lost;
    },
    force() {
      lost += front.openCount + backend.detachedCount;
      front.destroy();
      backend.force();
    },
    facts() {
      const facts = backend.facts();
      return {
        ...facts,
        unready: front.isClosing ? 'the server is ending' : backend.unready,
        totals: totalsOf(counts.cells),
        times: timesOf(counts.cells),
      };
    },
  };
}
