import type { Settings } from '../config/settings.ts';
import { ThreadSpawner } from '../supervisor/spawn-thread.ts';
import type { CodeSource } from './code-source.ts';
import { Dispatcher } from './dispatcher.ts';
import { policyOf } from './policy.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode thread: the pool over worker threads. Cheaper, and without the walls: for handlers that trust each other. */
export function startThread(settings: Settings, source: CodeSource): Promise<RunningMode> {
  const spawner = new ThreadSpawner(settings.maxMemoryBytes);
  const dispatcher = new Dispatcher(settings, policyOf(settings, true), spawner, source);
  return serveExchanges(settings, dispatcher, dispatcher.control);
}
