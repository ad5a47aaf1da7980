import type { Settings } from '../config/settings.ts';
import { ThreadSpawner } from '../supervisor/spawn-thread.ts';
import { Dispatcher } from './dispatcher.ts';
import type { ModeContext } from './mode-context.ts';
import { policyOf } from './policy.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode thread: the pool over worker threads. Cheaper, and without the walls: for handlers that trust each other. */
export function startThread(settings: Settings, context: ModeContext): Promise<RunningMode> {
  const spawner = new ThreadSpawner(settings.maxMemoryBytes);
  const dispatcher = new Dispatcher(settings, policyOf(settings, true), spawner, context);
  return serveExchanges(settings, dispatcher, dispatcher.control);
}
