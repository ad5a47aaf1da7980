import type { Settings } from '../config/settings.ts';
import type { CodeSource } from './code-source.ts';
import { InlineBackend } from './inline-backend.ts';
import { loadInlineWorker } from './inline-worker.ts';
import { Interruptible } from './interruptible.ts';
import { NoControl } from './operator-control.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode blocking: the handler runs in the primary, and one that computes keeps everybody waiting. It is there to compare with. */
export async function startBlocking(settings: Settings, source: CodeSource): Promise<RunningMode> {
  const interruptible = new Interruptible();
  const backend = new InlineBackend(await loadInlineWorker(), settings, source.first.typescript, {
    callHandler: (call) => interruptible.call(call),
    onHead: () => interruptible.answered(),
  });
  return serveExchanges(settings, backend, new NoControl('blocking'));
}
