import type { Settings } from '../config/settings.ts';
import { ProcessSpawner } from '../supervisor/spawn-process.ts';
import { Dispatcher } from './dispatcher.ts';
import type { ModeContext } from './mode-context.ts';
import { policyOf } from './policy.ts';
import type { RunningMode } from './running-mode.ts';
import { serveExchanges } from './serve-exchanges.ts';

/** Mode fork: a fresh process for each task, which ends with it. The spares have booted before their task comes. */
export function startFork(settings: Settings, context: ModeContext): Promise<RunningMode> {
  const dispatcher = new Dispatcher(settings, policyOf(settings, false), new ProcessSpawner(), context);
  return serveExchanges(settings, dispatcher, dispatcher.control);
}
