/** What the module of the user is to a worker, once it is loaded: something that starts tasks, whether they are requests or calls. */
import { ProtocolError } from '../channel/frame.ts';
import type { Link } from '../channel/link.ts';
import type { BootFailure, FromWorker, HandlerConfig, StartCall, StartTask, ToWorker } from '../channel/messages.ts';
import type { FunctionsModule } from './load-functions.ts';
import { leave } from './leave.ts';
import { loadHandler } from './load.ts';
import type { Nowhere } from './rehearsal.ts';
import type { Tunnels } from './tunnels.ts';

export type Start = StartTask | StartCall;

/** A task at work, whatever its kind. */
export interface StartedTask {
  receiveBody(bytes: Buffer): boolean;
  endBody(trailers: readonly string[]): void;
  addCredit(bytes: number): void;
  /** Only of a call. Returns false when the primary does not keep to the protocol. */
  receiveStream?(bytes: Buffer): boolean;
  cancel(): void;
}

/** What the user's module is to this worker. */
export interface Loaded {
  /** Whether the primary waits for the word that this task begins, for what comes after that. Else whatever it says of it tells as much. */
  isAwaited(message: Start): boolean;
  readonly teardown: () => unknown;
  start(message: Start, link: Link<ToWorker, FromWorker>, onDone: () => void): StartedTask;
  /** Where it takes connections of another protocol over. */
  openTunnels?(link: Link<ToWorker, FromWorker>, onOver: () => void): Tunnels;
}

/** See rehearsal.ts. */
export interface Rehearsal {
  readonly module: Loaded;
  readonly transport: Nowhere;
  readonly calls: readonly Buffer[];
}

export type LoadedOrNot =
  | { readonly ok: true; readonly module: Loaded; readonly config: HandlerConfig; readonly rehearsal?: Rehearsal }
  | { readonly ok: false; readonly failure: BootFailure };

export async function loadRequests(entry: string, typescript: string | null): Promise<LoadedOrNot> {
  // A worker that runs calls does not load node:http.
  const { Task } = await import('./task.ts');
  const loaded = await loadHandler(entry, typescript);
  if (!loaded.ok) return loaded;
  const { handle, teardown, config, tunnels } = loaded.module;
  const start: Loaded['start'] = (message, link, onDone) => {
    if (message.type !== 'StartTask') leave(new ProtocolError('a call of a handler of requests'));
    const task = new Task(message.task, message.head, link, onDone);
    void task.run(handle);
    return task;
  };
  // Its body is held back until then.
  const isAwaited: Loaded['isAwaited'] = (message) => message.type === 'StartTask' && message.head.hasBody;
  if (config.takes === undefined) return { ok: true, config, module: { isAwaited, teardown, start } };
  // Most handlers take none, and their workers do not load what it takes.
  const { Tunnels: Opened } = await import('./tunnels.ts');
  return {
    ok: true,
    config,
    module: { isAwaited, teardown, start, openTunnels: (link, onOver) => new Opened(link, tunnels, onOver) },
  };
}

/** A worker that serves requests does not load what calls need. */
export async function loadCalls(entry: string, typescript: string | null, data: string): Promise<LoadedOrNot> {
  const [{ loadFunctions }, { Call }, { callOf, ECHO, Nowhere: Transport }] = await Promise.all([
    import('./load-functions.ts'),
    import('./call.ts'),
    import('./rehearsal.ts'),
  ]);
  const loaded = await loadFunctions(entry, typescript, data);
  if (!loaded.ok) return loaded;
  const toLoaded = (module: FunctionsModule): Loaded => ({
    isAwaited: () => false,
    teardown: module.teardown,
    start: (message, link, onDone) => {
      if (message.type !== 'StartCall') leave(new ProtocolError('a request for a module of functions'));
      const call = new Call(message, module, link, onDone);
      void call.run(message);
      return call;
    },
  });
  const rehearsal = { module: toLoaded(ECHO), transport: new Transport(), calls: [callOf([1]), callOf([{}])] };
  return { ok: true, config: loaded.module.config, module: toLoaded(loaded.module), rehearsal };
}
