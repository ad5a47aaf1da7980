/** What the module of the user is to a worker, once it is loaded: something that starts tasks, whether they are requests or calls. */
import { ProtocolError } from '../channel/frame.ts';
import type { Link } from '../channel/link.ts';
import type { BootFailure, FromWorker, HandlerConfig, StartCall, StartTask, ToWorker } from '../channel/messages.ts';
import type { FunctionsModule } from './load-functions.ts';
import { leave } from './leave.ts';
import { loadHandler } from './load.ts';
import type { NodeHandler } from './handler-kinds.ts';
import { Nowhere } from './nowhere.ts';
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

/** See rehearsal.ts and request-rehearsal.ts. */
export interface Rehearsal {
  /** It begins when the worker has been ready for so long, ms, and has had no task. */
  readonly restMs: number;
  /** How often, each time in a turn of the event loop of its own, and until a task comes. */
  readonly turns: number;
  /** Undefined where it may not be. */
  readonly begin: () => Play | undefined;
}

/** What is rehearsed: these come, and this starts them. */
export interface Play {
  readonly module: Loaded;
  readonly transport: Nowhere;
  readonly frames: readonly Buffer[];
}

export type LoadedOrNot =
  | {
      readonly ok: true;
      readonly module: Loaded;
      readonly config: HandlerConfig;
      readonly rehearsal: Rehearsal;
    }
  | { readonly ok: false; readonly failure: BootFailure };

export async function loadRequests(entry: string, typescript: string | null): Promise<LoadedOrNot> {
  // A worker that runs calls does not load node:http.
  const [{ Task }, rehearsals] = await Promise.all([import('./task.ts'), import('./request-rehearsal.ts')]);
  const untouched = new rehearsals.Untouched();
  const loaded = await loadHandler(entry, typescript);
  if (!loaded.ok) return loaded;
  const { handle, isFetch, teardown, config, tunnels } = loaded.module;
  const startWith =
    (handler: NodeHandler): Loaded['start'] =>
    (message, link, onDone) => {
      if (message.type !== 'StartTask') leave(new ProtocolError('a call of a handler of requests'));
      const task = new Task(message.task, message.head, link, onDone);
      void task.run(handler);
      return task;
    };
  const start = startWith(handle);
  // Its body is held back until then.
  const isAwaited: Loaded['isAwaited'] = (message) => message.type === 'StartTask' && message.head.hasBody;
  const begin = (): Play | undefined => {
    if (!untouched.isSo) return undefined;
    const module = { isAwaited: () => false, teardown: () => undefined, start: startWith(rehearsals.answering(isFetch)) };
    return { module, transport: new Nowhere(), frames: [rehearsals.requestFrame()] };
  };
  const rehearsal = { restMs: rehearsals.REST_MS, turns: rehearsals.TURNS, begin };
  if (config.takes === undefined) return { ok: true, config, module: { isAwaited, teardown, start }, rehearsal };
  // Most handlers take none, and their workers do not load what it takes.
  const { Tunnels: Opened } = await import('./tunnels.ts');
  const openTunnels: Loaded['openTunnels'] = (link, onOver) => new Opened(link, tunnels, onOver);
  return { ok: true, config, module: { isAwaited, teardown, start, openTunnels }, rehearsal };
}

/** A worker that serves requests does not load what calls need. */
export async function loadCalls(entry: string, typescript: string | null, data: string): Promise<LoadedOrNot> {
  const [{ loadFunctions }, { Call }, { callOf, ECHO }] = await Promise.all([
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
  const begin = (): Play => ({ module: toLoaded(ECHO), transport: new Nowhere(), frames: [callOf([1]), callOf([{}])] });
  return { ok: true, config: loaded.module.config, module: toLoaded(loaded.module), rehearsal: { restMs: 0, turns: 1, begin } };
}
