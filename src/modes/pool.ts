import type { Settings } from '../config/settings.ts';
import { ProcessSpawner } from '../supervisor/spawn-process.ts';
import { Dispatcher } from './dispatcher.ts';
import type { ModeContext } from './mode-context.ts';
import { policyOf } from './policy.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode pool: processes that are used again and again, as many as there are tasks, within `min` and `max`. */
export function startPool(settings: Settings, context: ModeContext): Promise<RunningMode> {
  const dispatcher = new Dispatcher(settings, policyOf(settings, true), new ProcessSpawner({ sharesMemory: true }), context);
  return serveExchanges(settings, dispatcher, dispatcher.control);
}
