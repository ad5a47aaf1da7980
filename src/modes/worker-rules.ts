import type { HandlerConfig } from '../channel/messages.ts';
import type { Settings } from '../config/settings.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import { type HandlerRules, readHandlerConfig } from './handler-rules.ts';

/** What the handler's own `config` says: in the code in force, and in the code of each worker, which may be older. */
export class WorkerRules {
  readonly #settings: Settings;
  readonly #ofWorkers = new WeakMap<SupervisedWorker, HandlerRules>();
  /** Of the code in force, for tasks that come. */
  current: HandlerRules;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.current = readHandlerConfig({}, settings);
  }

  /** @throws PreforkError ERR_BAD_OPTION when the config makes no sense */
  read(worker: SupervisedWorker, config: HandlerConfig): HandlerRules {
    const rules = readHandlerConfig(config, this.#settings);
    this.#ofWorkers.set(worker, rules);
    return rules;
  }

  /** For what the worker was given. */
  of(worker: SupervisedWorker | undefined): HandlerRules {
    return (worker && this.#ofWorkers.get(worker)) ?? this.current;
  }
}
