/**
 * The composition root: from the user's options to a server at work, and back to nothing. It owns the order in which the
 * rooms are started and ended, and runs in the primary. It fails with a PreforkError that says what to do about it; then
 * nothing was left running.
 */
import { resolveSettings } from '../config/resolve.ts';
import type { ServeOptions } from '../config/serve-options.ts';
import type { Mode, Settings, Source } from '../config/settings.ts';
import { settingsInForce } from '../config/settings-in-force.ts';
import { takeStack } from '../diagnostics/take-stack.ts';
import { IncidentRecorder } from '../diagnostics/incident-recorder.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { readCertificate } from '../http/certificate.ts';
import { startBlocking } from '../modes/blocking.ts';
import { startCluster } from '../modes/cluster.ts';
import { startFork } from '../modes/fork.ts';
import { startPool } from '../modes/pool.ts';
import type { ModeContext } from '../modes/mode-context.ts';
import type { RunningMode } from '../modes/running-mode.ts';
import { startThread } from '../modes/thread.ts';
import { startLog } from '../telemetry/log.ts';
import type { ReloadReport, ServerState, SettingsInForce } from '../admin/api.ts';
import { createControlled } from './controlled.ts';
import { EntrySource } from './code-source.ts';
import { loadModule } from './load-module.ts';
import { type OpenIncidents, openIncidents } from './open-incidents.ts';
import { OwnFigures } from './own-figures.ts';
import { type AdminAddress, type RunningAdmin, startAdmin } from './start-admin.ts';
import { reloadOnChange } from './watch.ts';

/** A server at work. */
export interface PreforkServer {
  /** `http://HOST:PORT`, or `https:` with a certificate, with the real port, without a slash at the end. */
  readonly url: string;
  /** How it runs tasks. */
  readonly mode: Mode;
  /** The options in force. */
  readonly settings: Settings;
  /** Where its admin API is. */
  readonly admin: AdminAddress;
  /**
   * Ends the server: it stops listening, finishes what it has taken, and ends its workers, in at most `shutdownTimeout`.
   * Safe to call again; with `force` whatever still runs is cut off now.
   */
  close(options?: { readonly force?: boolean }): Promise<CloseReport>;
  /**
   * Loads the code of the handler anew. One worker tries it first; then the others are replaced, without an end to any request. Resolves when
   * no new request meets the old code. What is called while a reload runs waits for it, and shares the next one.
   *
   * @throws PreforkError ERR_RELOAD when the new code does not boot (the old one serves on), ERR_SHUTTING_DOWN, ERR_NOT_SUPPORTED (mode blocking)
   */
  reload(): Promise<ReloadReport>;
  /**
   * From now on there are so many workers: `min` and `max` in one. In mode fork it is `max` alone. A smaller number ends idle ones now, others
   * after their tasks. `memory` stays a bound. Does nothing to the length of the queue.
   *
   * @param workers 1 to 4,096
   * @returns what there will be, in a sentence
   * @throws PreforkError ERR_BAD_OPTION, ERR_NOT_SUPPORTED (mode blocking)
   */
  scale(workers: number): string;
  /** Resolves when the server has ended, whoever asked for it. */
  readonly closed: Promise<CloseReport>;
}

/** How a server ended. */
export interface CloseReport {
  /** Tasks that were taken and cut off; 0 when nothing was lost. */
  readonly lost: number;
}

const START: Record<Mode, (settings: Settings, context: ModeContext) => Promise<RunningMode>> = {
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
  const source = await EntrySource.open(settings.entry);
  const certificate = settings.certificate === undefined ? undefined : readCertificate(settings.certificate);
  const stopLog = await startLog(settings.logLevel);
  if (certificate !== undefined) warnOfEnd(certificate.validUntil);
  const incidents = openIncidents(settings);
  const recorder = new IncidentRecorder(incidents.log, settings.mode);
  let running: RunningMode;
  try {
    running = await START[settings.mode](settings, {
      source,
      recorder,
      look: takeStack,
    });
  } catch (error) {
    stopLog();
    throw await source.first.explain(error);
  }
  const server = new Server(settings, running, incidents, stopLog);
  try {
    await server.startAdmin({ settings: settingsInForce(resolved) });
  } catch (error) {
    await server.close({ force: true });
    throw error;
  }
  if (settings.watch) reloadOnChange(server, source);
  return server;
}

/** Clients refuse it then, and nobody else would say why. */
function warnOfEnd(validUntil: Date): void {
  if (validUntil.getTime() > Date.now()) return;
  publish({
    type: 'server:notice',
    message: `the certificate is valid until ${validUntil.toISOString()}, which is over: clients refuse it`,
  });
}

const NO_ADMIN: AdminAddress = { socket: null, url: null, token: null };

class Server implements PreforkServer {
  readonly url: string;
  readonly mode: Mode;
  readonly settings: Settings;
  readonly closed: Promise<CloseReport>;
  readonly #running: RunningMode;
  readonly #incidents: OpenIncidents;
  readonly #stopLog: () => void;
  readonly #figures = new OwnFigures();
  #admin: RunningAdmin | undefined;
  #state: ServerState = 'starting';
  #closing: Promise<CloseReport> | undefined;
  #resolveClosed: (report: CloseReport) => void = () => {};

  constructor(settings: Settings, running: RunningMode, incidents: OpenIncidents, stopLog: () => void) {
    const { host, port } = running;
    this.url = `${settings.certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.mode = settings.mode;
    this.settings = settings;
    this.#running = running;
    this.#incidents = incidents;
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
      incidents: this.#incidents.log,
      url: this.url,
      reload: () => this.#reload(),
      state: () => this.#state,
      close: (force) => void this.close({ force }),
    });
    const admin = await startAdmin(this.settings, controlled);
    this.#admin = admin;
    this.#incidents.log.subscribe((incident) => admin.tell({ event: 'incident', data: incident }));
    if (this.#state === 'starting') this.#state = 'serving';
    publish({ type: 'server:listening', url: this.url, mode: this.mode });
  }

  close({ force = false }: { readonly force?: boolean } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close();
    if (force) this.#running.force();
    return this.#closing;
  }

  async reload(): Promise<ReloadReport> {
    if (this.#closing !== undefined) throw new PreforkError('ERR_SHUTTING_DOWN', 'the server is ending, and loads no new code');
    return this.#reload();
  }

  async #reload(): Promise<ReloadReport> {
    this.#renewCertificate();
    return this.#running.control.reload();
  }

  /** @throws PreforkError ERR_RELOAD when it makes no sense: then nothing changes, the code neither */
  #renewCertificate(): void {
    const { certificate } = this.settings;
    if (certificate === undefined) return;
    try {
      warnOfEnd(readCertificate(certificate).validUntil);
      this.#running.renewCertificate?.();
    } catch (error) {
      const message = `the certificate can not be renewed, and nothing was reloaded: ${messageOf(error)}`;
      publish({ type: 'server:notice', message });
      throw new PreforkError('ERR_RELOAD', message, { cause: error });
    }
  }

  scale(workers: number): string {
    return this.#running.control.scale(workers).done;
  }

  async #close(): Promise<CloseReport> {
    this.#state = 'draining';
    publish({ type: 'server:draining', running: this.#running.running });
    const timer = setTimeout(() => this.#running.force(), this.settings.shutdownTimeoutMs);
    const report = { lost: await this.#running.close() };
    clearTimeout(timer);
    await this.#incidents.close();
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
