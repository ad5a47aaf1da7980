import type { HandlerConfig } from '../channel/messages.ts';
import { parseDuration } from '../config/duration.ts';
import type { Settings } from '../config/settings.ts';

/** What the handler's own `config` export means for its tasks, in base units. */
export interface HandlerRules {
  readonly deadlineMs: number;
  /** A task goes on to its end when the client is gone. */
  readonly detached: boolean;
}

/** @throws PreforkError ERR_BAD_OPTION when the handler's config makes no sense */
export function readHandlerConfig(config: HandlerConfig, settings: Settings): HandlerRules {
  const ownDeadlineMs =
    config.deadline === undefined ? undefined : parseDuration(config.deadline, "the handler's config.deadline", 1);
  return {
    deadlineMs: settings.deadlineIsExplicit ? settings.deadlineMs : (ownDeadlineMs ?? settings.deadlineMs),
    detached: config.detached ?? false,
  };
}
