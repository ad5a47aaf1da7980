import type { Done } from '../../admin/api.ts';
import type { AdminClient } from '../../admin/client.ts';
import type { StackReport } from '../../diagnostics/stack-report.ts';
import { messageOf } from '../../errors/prefork-error.ts';
import { shortBytes } from '../../text/figures.ts';
import { saveStream } from '../save-stream.ts';
import type { Action, Happening } from './model.ts';

const PROFILE_SECONDS = 5;
const ANSWER_MS = 30_000;

export interface Asked {
  readonly do: Action;
  readonly worker: number;
  readonly pid: number;
}

/** Asks the server for what a key stands for; what comes of it happens some time later, an error too. */
export async function actOnWorker(
  { do: action, worker, pid }: Asked,
  client: AdminClient,
  tell: (happening: Happening) => void,
  signal: AbortSignal,
): Promise<void> {
  // By its id: threads share one pid.
  const path = `/api/workers/w${worker}/${action}`;
  const options = { signal, timeoutMs: ANSWER_MS };
  try {
    switch (action) {
      case 'trace': {
        const report = await client.post<StackReport>(path, {}, options);
        tell({ event: 'looked', worker, look: { at: 'seen', report } });
        return;
      }
      case 'profile': {
        tell({ event: 'told', text: `recording a profile of worker ${pid} (w${worker}) for ${PROFILE_SECONDS} s`, tone: 'note' });
        const stream = await client.stream('POST', path, { seconds: PROFILE_SECONDS }, { signal });
        const file = `prefork-${pid}-w${worker}-${stamp()}.cpuprofile`;
        const bytes = await saveStream(stream, file, false, () => {});
        tell({ event: 'told', text: `${file}: ${shortBytes(bytes)}, for Chrome DevTools or speedscope`, tone: 'good' });
        return;
      }
      case 'kill':
      case 'recycle': {
        const { done } = await client.post<Done>(path, {}, options);
        tell({ event: 'told', text: done, tone: 'good' });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    const why = messageOf(error);
    if (action === 'trace') tell({ event: 'looked', worker, look: { at: 'failed', why } });
    else tell({ event: 'told', text: `${action} of worker ${pid} (w${worker}): ${why}`, tone: 'bad' });
  }
}

/** Such as `20261125T165742`: no profile overwrites another one. */
function stamp(): string {
  return new Date().toISOString().replace(/[-:]|\..*/g, '');
}
