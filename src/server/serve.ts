/**
 * The composition root: from the user's options to a server at work, and back to nothing. It owns the order in which the
 * rooms are started and ended, and runs in the primary. It fails with a PreforkError that says what to do about it; then
 * nothing was left running.
 */
import { resolveSettings } from '../config/resolve.ts';
import type { ServeOptions } from '../config/serve-options.ts';
import type { Mode, Settings, Source } from '../config/settings.ts';
import { settingsInForce } from '../config/settings-in-force.ts';
import { prepareEntry } from '../compile/prepare.ts';
import { publish } from '../events/events.ts';
import { startBlocking } from '../modes/blocking.ts';
import { startCluster } from '../modes/cluster.ts';
import { startFork } from '../modes/fork.ts';
import { startPool } from '../modes/pool.ts';
import type { RunningMode } from '../modes/running-mode.ts';
import { startThread } from '../modes/thread.ts';
import { startLog } from '../telemetry/log.ts';
import type { ServerState, SettingsInForce } from '../admin/api.ts';
import { createControlled } from './controlled.ts';
import { explainLoad } from './explain-load.ts';
import { loadModule } from './load-module.ts';
import { OwnFigures } from './own-figures.ts';
import { type AdminAddress, type RunningAdmin, startAdmin } from './start-admin.ts';

/** A server at work. */
export interface PreforkServer {
  /** `http://HOST:PORT` with the real port, without a slash at the end. */
  readonly url: string;
  readonly mode: Mode;
  readonly settings: Settings;
  /** Where its admin API is. */
  readonly admin: AdminAddress;
  /**
   * Ends the server: it stops listening, finishes what it has taken, and ends its workers, in at most `shutdownTimeout`.
   * Safe to call again; with `force` whatever still runs is cut off now.
   */
  close(options?: { readonly force?: boolean }): Promise<CloseReport>;
  /** Resolves when the server has ended, whoever asked for it. */
  readonly closed: Promise<CloseReport>;
}

export interface CloseReport {
  /** Tasks that were taken and cut off. */
  readonly lost: number;
}

const START: Record<Mode, (settings: Settings, typescript: string | null) => Promise<RunningMode>> = {
  blocking: startBlocking,
  fork: startFork,
  pool: startPool,
  thread: startThread,
  cluster: startCluster,
};

/**
 * Starts a server. Resolves when a request would be answered.
 *
 * @throws PreforkError ERR_BAD_OPTION, ERR_ENTRY_NOT_FOUND, ERR_HANDLER_LOAD, ERR_HANDLER_INVALID, ERR_BOOT_EXIT,
 * ERR_BOOT_TIMEOUT, ERR_PORT_IN_USE or ERR_LISTEN
 */
export async function serve(options: ServeOptions, context: { readonly explicitSource?: Source } = {}): Promise<PreforkServer> {
  const resolved = await resolveSettings({ options, loadModule, ...context });
  const { settings } = resolved;
  const prepared = await prepareEntry(settings.entry);
  const stopLog = startLog(settings.logLevel);
  let running: RunningMode;
  try {
    running = await START[settings.mode](settings, prepared.manifest);
  } catch (error) {
    stopLog();
    throw await explainLoad(error, prepared);
  }
  const server = new Server(settings, running, stopLog);
  try {
    await server.startAdmin({ settings: settingsInForce(resolved) });
  } catch (error) {
    await server.close({ force: true });
    throw error;
  }
  return server;
}

const NO_ADMIN: AdminAddress = { socket: null, url: null, token: null };

class Server implements PreforkServer {
  readonly url: string;
  readonly mode: Mode;
  readonly settings: Settings;
  readonly closed: Promise<CloseReport>;
  readonly #running: RunningMode;
  readonly #stopLog: () => void;
  readonly #figures = new OwnFigures();
  #admin: RunningAdmin | undefined;
  #state: ServerState = 'starting';
  #closing: Promise<CloseReport> | undefined;
  #resolveClosed: (report: CloseReport) => void = () => {};

  constructor(settings: Settings, running: RunningMode, stopLog: () => void) {
    const { host, port } = running;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.mode = settings.mode;
    this.settings = settings;
    this.#running = running;
    this.#stopLog = stopLog;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get admin(): AdminAddress {
    return this.#admin?.address ?? NO_ADMIN;
  }

  /** The last step of the start. @throws PreforkError ERR_LISTEN or ERR_PORT_IN_USE */
  async startAdmin(inForce: SettingsInForce): Promise<void> {
    const controlled = createControlled({
      settings: this.settings,
      inForce,
      running: this.#running,
      figures: this.#figures,
      url: this.url,
      state: () => this.#state,
      close: (force) => void this.close({ force }),
    });
    this.#admin = await startAdmin(this.settings, controlled);
    if (this.#state === 'starting') this.#state = 'serving';
    publish({ type: 'server:listening', url: this.url, mode: this.mode });
  }

  close({ force = false }: { readonly force?: boolean } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close();
    if (force) this.#running.force();
    return this.#closing;
  }

  async #close(): Promise<CloseReport> {
    this.#state = 'draining';
    publish({ type: 'server:draining', running: this.#running.running });
    const timer = setTimeout(() => this.#running.force(), this.settings.shutdownTimeoutMs);
    const report = { lost: await this.#running.close() };
    clearTimeout(timer);
    this.#state = 'closed';
    publish({ type: 'server:closed', lost: report.lost });
    // Last: until here it told how far the end was.
    await this.#admin?.close();
    this.#figures.close();
    this.#stopLog();
    this.#resolveClosed(report);
    return report;
  }
}
