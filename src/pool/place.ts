/**
 * A place where calls of a pool run: the workers of one isolation, or this process. It is made when the first call asks for it, and knows
 * whether the module can be loaded there.
 */
import type { HandlerConfig } from '../channel/messages.ts';
import { explainLoad } from '../compile/explain-load.ts';
import type { Prepared } from '../compile/prepare.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { BootError } from '../supervisor/decisions/life.ts';
import { ProcessSpawner } from '../supervisor/spawn-process.ts';
import { ThreadSpawner } from '../supervisor/spawn-thread.ts';
import type { SpawnOptions } from '../supervisor/spawner.ts';
import type { CallBackend, CallListener } from './call-backend.ts';
import { CallRunner } from './call-runner.ts';
import type { EndedCall } from './call-task.ts';
import { forwardOutput } from './forward-output.ts';
import { InlineRunner } from './inline-runner.ts';
import type { PoolSettings } from './pool-options.ts';

/** The user's module, ready to be loaded. */
export interface PreparedModule {
  /** Absolute path. */
  readonly entry: string;
  readonly prepared: Prepared;
  /** `BootOptions.functions` */
  readonly functions: string;
}

export interface PlaceParts {
  readonly settings: PoolSettings;
  readonly module: Promise<PreparedModule>;
  readonly spawnOptions: Omit<SpawnOptions, 'keepsAlive' | 'sharesMemory'>;
  /** False when the pool was closed, and no call is left. */
  readonly isWanted: () => boolean;
  readonly onConfig: (config: HandlerConfig) => void;
  readonly onEnded: (call: EndedCall) => void;
}

export class Place implements CallListener {
  readonly backend: CallBackend;
  /** Resolves when the first worker has loaded the module. */
  readonly ready: Promise<void>;
  readonly #parts: PlaceParts;
  #settleReady: (error?: Error) => void = () => {};
  #state: 'starting' | 'ready' | 'failing' = 'starting';
  #prepared: Prepared | undefined;
  #broken: PreforkError | undefined;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Whoever does not ask for it learns of it by the calls.
    this.ready.catch(() => {});
    const backend =
      parts.settings.isolation === 'inline' ? new InlineRunner(parts.settings, this) : new CallRunner(parts.settings, this);
    this.backend = backend;
    this.#start(backend).catch((error: unknown) => this.#break(error));
  }

  /** Whether calls can be handed what only threads can share. */
  get shares(): boolean {
    const { isolation } = this.#parts.settings;
    return isolation === 'thread' || isolation === 'inline';
  }

  /** @throws PreforkError that says why no call can run here, if so */
  check(): void {
    if (this.#broken !== undefined) throw copyOf(this.#broken);
  }

  async close(): Promise<void> {
    await this.backend.close();
    this.#settleReady(new PreforkError('ERR_SHUTTING_DOWN', 'the pool was closed'));
  }

  async #start(backend: CallRunner | InlineRunner): Promise<void> {
    const { settings, module, spawnOptions, isWanted } = this.#parts;
    const { entry, prepared, functions } = await module;
    this.#prepared = prepared;
    // Calls that came before the end are still to be run.
    if (!isWanted()) return;
    const code = { entry, typescript: prepared.manifest, functions };
    if (backend instanceof InlineRunner) {
      await backend.start(code);
      return;
    }
    const options = { ...spawnOptions, keepsAlive: false, sharesMemory: true };
    const spawner =
      settings.isolation === 'thread' ? new ThreadSpawner(settings.maxMemoryBytes, options) : new ProcessSpawner(options);
    backend.start({ spawner: forwardOutput(spawner), ...code });
  }

  // From the workers

  onReady(config: HandlerConfig): void {
    this.#parts.onConfig(config);
    if (this.#state === 'starting') this.#state = 'ready';
    this.#settleReady();
  }

  /** The first worker shows whether the module can be loaded. When it could once, the supervisor goes on trying. */
  onBootFailed({ code, message, stack }: BootError): void {
    if (this.#state !== 'starting') return;
    this.#state = 'failing';
    void this.#explain(new PreforkError(code, message, stack === '' ? {} : { cause: stack }));
  }

  async #explain(error: PreforkError): Promise<void> {
    this.#break(this.#prepared === undefined ? error : await explainLoad(error, this.#prepared));
  }

  #break(error: unknown): void {
    const broken =
      error instanceof PreforkError ? error : new PreforkError('ERR_HANDLER_LOAD', messageOf(error), { cause: error });
    this.#broken = broken;
    this.#settleReady(broken);
    this.backend.force(() => copyOf(broken));
  }

  onEnded(call: EndedCall): void {
    this.#parts.onEnded(call);
  }
}

/** Each caller gets an error of its own, with a stack of its own. */
function copyOf({ code, message, cause }: PreforkError): PreforkError {
  return new PreforkError(code, message, cause === undefined ? {} : { cause });
}
