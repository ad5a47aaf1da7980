import type { HandlerConfig, TunnelKind } from '../channel/messages.ts';
import type { Server } from 'node:http';
import process from 'node:process';
import { fetchToNode } from './fetch-adapter.ts';
import type { FetchHandler, NodeHandler, TunnelHandler } from './handler-kinds.ts';
import type { Listening } from './listening.ts';

export type Tunnels = Readonly<Record<TunnelKind, TunnelHandler | undefined>>;

/** What the user's module exports, once it is understood. */
export interface HandlerModule {
  readonly handle: NodeHandler;
  /** Whether the handler is a fetch function. */
  readonly isFetch: boolean;
  /** What takes connections of another protocol over. To be asked last: an app may begin to listen for them when it gets ready. */
  readonly findTunnels: () => Tunnels;
  readonly config: HandlerConfig;
  readonly setup: () => unknown;
  readonly teardown: () => unknown;
}

/** The module was loaded, but what it exports is no handler. The message says what was found. */
export class InvalidHandlerError extends Error {
  override readonly name = 'InvalidHandlerError';
}

const EXPECTED =
  'expected a default export: a function (request) => Response, an object with a fetch method, a function (req, res), ' +
  'an Express, Koa, Fastify, Hono or h3 app, or an http.Server; or a program that tells an HTTP server to listen';

/**
 * @param listening what the module has told to listen while it was loaded
 * @throws InvalidHandlerError
 */
export async function readHandlerModule(
  namespace: Readonly<Record<string, unknown>>,
  listening?: Listening,
): Promise<HandlerModule> {
  const own = defaultExport(namespace);
  const exported = kindOf(own) === 'none' ? ((await program(own, listening)) ?? own) : own;
  if (listening?.server !== undefined && !belongs(listening.server, exported)) warnOf(listening);
  const [upgrade, connect] = [named(namespace, 'upgrade'), named(namespace, 'connect')];
  return {
    handle: await toNodeHandler(exported, listening),
    isFetch: isFetchHandler(exported),
    findTunnels: () => ({
      upgrade: upgrade ?? ownUpgrade(exported) ?? listened(exported, 'upgrade') ?? listened(listening?.server, 'upgrade'),
      // No property of what is exported: an Express app has one of this name for its routes.
      connect: connect ?? listened(exported, 'connect') ?? listened(listening?.server, 'connect'),
    }),
    config: readConfig(namespace['config']),
    setup: readHook(namespace, 'setup'),
    teardown: readHook(namespace, 'teardown'),
  };
}

function named(namespace: Readonly<Record<string, unknown>>, kind: TunnelKind): TunnelHandler | undefined {
  const value = namespace[kind];
  if (value === undefined) return undefined;
  if (typeof value === 'function') return value as TunnelHandler;
  throw new InvalidHandlerError(`the export "${kind}" is ${describe(value)}, expected a function (request, socket, head)`);
}

/** `{ fetch, upgrade }` */
function ownUpgrade(exported: unknown): TunnelHandler | undefined {
  if (!isObject(exported) || typeof exported['fetch'] !== 'function' || typeof exported['upgrade'] !== 'function')
    return undefined;
  return (...parameters) => (exported as unknown as { upgrade: TunnelHandler }).upgrade(...parameters);
}

/** Whoever listens on the server that is exported, or on that of a Fastify app. */
function listened(exported: unknown, kind: TunnelKind): TunnelHandler | undefined {
  const server = isServer(exported)
    ? exported
    : isObject(exported) && isServer(exported['server'])
      ? exported['server']
      : undefined;
  if (server === undefined || server.listenerCount(kind) === 0) return undefined;
  return (...parameters) => void server.emit(kind, ...parameters);
}

/** Not by its class: node:https is not loaded for this. */
function isServer(value: unknown): value is Server {
  return isObject(value) && ['emit', 'listenerCount', 'listen', 'address'].every((name) => typeof value[name] === 'function');
}

/** CommonJS compiled from ES modules arrives as a default export that has a default export. */
function defaultExport(namespace: Readonly<Record<string, unknown>>): unknown {
  const value = namespace['default'];
  if (isObject(value) && value['__esModule'] === true && 'default' in value) return value['default'];
  return value;
}

type Kind = 'fetch' | 'function' | 'server' | 'koa' | 'fastify' | 'none';

function kindOf(exported: unknown): Kind {
  if (!isObject(exported) && typeof exported !== 'function') return 'none';
  const app = exported as Readonly<Record<string, unknown>>;
  if (typeof app['fetch'] === 'function') return 'fetch';
  if (typeof exported === 'function' && !isClass(exported)) return 'function';
  if (isServer(exported)) return 'server';
  // An object that makes a (req, res) function.
  if (typeof app['callback'] === 'function') return 'koa';
  // An object that has to get ready before it routes.
  return typeof app['routing'] === 'function' && typeof app['ready'] === 'function' ? 'fastify' : 'none';
}

function isFetchHandler(exported: unknown): boolean {
  const kind = kindOf(exported);
  return kind === 'fetch' || (kind === 'function' && (exported as NodeHandler).length < 2);
}

async function toNodeHandler(exported: unknown, listening: Listening | undefined): Promise<NodeHandler> {
  switch (kindOf(exported)) {
    case 'fetch':
      return fetchToNode((request) => (exported as { fetch: FetchHandler }).fetch(request));
    case 'function': {
      const handle = exported as NodeHandler;
      return isFetchHandler(exported) ? fetchToNode(exported as FetchHandler) : handle;
    }
    case 'server': {
      const server = exported as Server;
      // What was asked to listen at load does so in the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      if (server.listening && server !== listening?.server)
        throw new InvalidHandlerError('the default export is a server that listens already; export it without listen()');
      return (request, response) => void server.emit('request', request, response);
    }
    case 'koa':
      return (exported as { callback(): NodeHandler }).callback();
    case 'fastify': {
      const fastify = exported as { ready(): Promise<unknown>; routing: NodeHandler };
      await fastify.ready();
      return (request, response) => fastify.routing(request, response);
    }
    case 'none':
      throw new InvalidHandlerError(`the default export is ${describe(exported)}; ${EXPECTED}`);
  }
}

/** The server of a module that exports no handler. One that exports nothing may still be on its way to listen. */
async function program(exported: unknown, listening: Listening | undefined): Promise<Server | undefined> {
  const isNothing = exported === undefined || (isObject(exported) && Object.keys(exported).length === 0);
  if (isNothing) await listening?.first();
  return listening?.server;
}

/** Whether the app that is exported is what listens on a server: Express hands itself over, Fastify has it as a member. */
function belongs(server: Server, exported: unknown): boolean {
  if (server === exported || server.listeners('request').some((listener) => listener === exported)) return true;
  return isObject(exported) && exported['server'] === server;
}

function warnOf({ place }: Listening): void {
  process.stderr.write(`a server that was told to listen on ${place} gets no requests: the default export is what is served\n`);
}

const CONFIG_TYPES: Readonly<Record<Exclude<keyof HandlerConfig, 'takes' | 'idempotent'>, readonly string[]>> = {
  deadline: ['string', 'number'],
  detached: ['boolean'],
  key: ['string'],
  client: ['string'],
  priority: ['string', 'number'],
  weight: ['string', 'number'],
};

const METHODS_EXAMPLE = "['GET', 'HEAD']";
const LONGEST_METHOD = 40;

/**
 * @param hasMethods whether tasks are requests, which a list of methods can tell apart
 * @throws InvalidHandlerError
 */
export function readConfig(value: unknown, hasMethods = true): HandlerConfig {
  if (value === undefined) return {};
  if (!isObject(value)) throw new InvalidHandlerError(`the export "config" is ${describe(value)}, expected an object`);
  // The rest may be anything, and need not survive the way to the primary.
  const config: Record<string, unknown> = {};
  for (const [key, types] of Object.entries(CONFIG_TYPES)) {
    const entry = value[key];
    if (entry === undefined) continue;
    expectType(key, entry, types);
    // On the way to the primary it would turn into null, and be taken for none.
    if (typeof entry === 'number' && !Number.isFinite(entry))
      throw new InvalidHandlerError(`config.${key} is ${entry}, expected a finite number`);
    config[key] = entry;
  }
  const idempotent = value['idempotent'];
  if (idempotent !== undefined) config['idempotent'] = readIdempotent(idempotent, hasMethods);
  return config;
}

/** Which methods there are is known to the primary. */
function readIdempotent(value: unknown, hasMethods: boolean): boolean | readonly string[] {
  if (typeof value === 'boolean') return value;
  const refuse = (found: string, expected: string): never => {
    throw new InvalidHandlerError(`config.idempotent ${found}, expected ${expected}`);
  };
  if (!hasMethods) return refuse(`is ${describe(value)}`, 'a boolean: calls have no methods');
  if (!Array.isArray(value)) return refuse(`is ${describe(value)}`, `a boolean or a list of methods such as ${METHODS_EXAMPLE}`);
  if (value.length === 0) return refuse('is an empty list', `methods such as ${METHODS_EXAMPLE}, or false`);
  return Array.from(value, (method: unknown) => {
    if (typeof method === 'string' && /^[A-Z][A-Z-]*$/.test(method)) return method;
    const found = typeof method === 'string' ? JSON.stringify(method.slice(0, LONGEST_METHOD)) : describe(method);
    return refuse(`has ${found} in its list`, `methods in capital letters such as ${METHODS_EXAMPLE}`);
  });
}

function expectType(key: string, value: unknown, types: readonly string[]): void {
  if (value === undefined || types.includes(typeof value)) return;
  throw new InvalidHandlerError(`config.${key} is ${describe(value)}, expected a ${types.join(' or a ')}`);
}

/** @throws InvalidHandlerError */
export function readHook(
  namespace: Readonly<Record<string, unknown>>,
  name: 'setup' | 'teardown',
): (...args: readonly unknown[]) => unknown {
  const value = namespace[name];
  if (value === undefined) return () => undefined;
  if (typeof value !== 'function')
    throw new InvalidHandlerError(`the export "${name}" is ${describe(value)}, expected a function`);
  return (...args) => (value as (...args: readonly unknown[]) => unknown)(...args);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A class can't be called, so it is no handler, and the first request would be the first to tell. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise (await it: export default await …)';
  if (isClass(value)) return 'a class';
  if (typeof value === 'object') return `an object with the keys ${Object.keys(value).slice(0, 8).join(', ') || '(none)'}`;
  return `a ${typeof value}`;
}
