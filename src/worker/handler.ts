import type { HandlerConfig } from '../channel/messages.ts';
import { fetchToNode } from './fetch-adapter.ts';
import type { FetchHandler, NodeHandler } from './handler-kinds.ts';

/** What the user's module exports, once it is understood. */
export interface HandlerModule {
  readonly handle: NodeHandler;
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
  'or an Express, Koa, Fastify, Hono or h3 app';

/** @throws InvalidHandlerError */
export async function readHandlerModule(namespace: Readonly<Record<string, unknown>>): Promise<HandlerModule> {
  const exported = defaultExport(namespace);
  return {
    handle: await toNodeHandler(exported),
    config: readConfig(namespace['config']),
    setup: readHook(namespace, 'setup'),
    teardown: readHook(namespace, 'teardown'),
  };
}

/** CommonJS compiled from ES modules arrives as a default export that has a default export. */
function defaultExport(namespace: Readonly<Record<string, unknown>>): unknown {
  const value = namespace['default'];
  if (isObject(value) && value['__esModule'] === true && 'default' in value) return value['default'];
  return value;
}

async function toNodeHandler(exported: unknown): Promise<NodeHandler> {
  if (isObject(exported) || typeof exported === 'function') {
    const app = exported as Readonly<Record<string, unknown>>;
    if (typeof app['fetch'] === 'function')
      return fetchToNode((request) => (app as unknown as { fetch: FetchHandler }).fetch(request));
    if (typeof exported === 'function' && !isClass(exported)) {
      return exported.length >= 2 ? (exported as NodeHandler) : fetchToNode(exported as FetchHandler);
    }
    // Koa: an object that makes a (req, res) function.
    if (typeof app['callback'] === 'function') return (app as unknown as { callback(): NodeHandler }).callback();
    // Fastify: an object that has to get ready before it routes.
    if (typeof app['routing'] === 'function' && typeof app['ready'] === 'function') {
      const fastify = app as unknown as { ready(): Promise<unknown>; routing: NodeHandler };
      await fastify.ready();
      return (request, response) => fastify.routing(request, response);
    }
  }
  throw new InvalidHandlerError(`the default export is ${describe(exported)}; ${EXPECTED}`);
}

const CONFIG_TYPES: Readonly<Record<keyof HandlerConfig, readonly string[]>> = {
  deadline: ['string', 'number'],
  idempotent: ['boolean'],
  detached: ['boolean'],
  key: ['string'],
  client: ['string'],
  priority: ['string', 'number'],
  weight: ['string', 'number'],
};

/** @throws InvalidHandlerError */
export function readConfig(value: unknown): HandlerConfig {
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
  return config;
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
