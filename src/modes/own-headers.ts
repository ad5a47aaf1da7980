import type { ServerResponse } from 'node:http';
import type { Exchange } from '../http/exchange.ts';

const EXCHANGE = Symbol('prefork.exchange');
const ON_HEAD = Symbol('prefork.onHead');
const OWN_WRITE_HEAD = Symbol('prefork.writeHead');

type WriteHead = (this: OwnResponse, ...parameters: unknown[]) => ServerResponse;

interface OwnResponse extends ServerResponse {
  [EXCHANGE]: Exchange;
  [ON_HEAD]: () => void;
  [OWN_WRITE_HEAD]: WriteHead;
}

/** Adds our headers when the head is written. An own property: frameworks replace the prototype of the response. */
export function addOwnHeaders(exchange: Exchange, onHead: () => void): void {
  const response = exchange.response as OwnResponse;
  response[EXCHANGE] = exchange;
  response[ON_HEAD] = onHead;
  response[OWN_WRITE_HEAD] = Reflect.get(response, 'writeHead') as WriteHead;
  response.writeHead = writeHeadWithOwn as OwnResponse['writeHead'];
}

function writeHeadWithOwn(this: OwnResponse, ...parameters: unknown[]): ServerResponse {
  this[ON_HEAD]();
  const exchange = this[EXCHANGE];
  // An error that ended the exchange brings them along.
  if (exchange.isOver) return this[OWN_WRITE_HEAD](...parameters);
  const own = exchange.ownHeaders();
  const given = parameters.at(-1);
  const before = parameters.slice(0, -1);
  if (Array.isArray(given)) return this[OWN_WRITE_HEAD](...before, withOwn(given, own));
  // A header that is set has node:http put all of them into a table first, and costs more than the rest of the head.
  if (this.getHeaderNames().length === 0) {
    if (typeof given !== 'object' || given === null) return this[OWN_WRITE_HEAD](...parameters, own);
    if (Object.getPrototypeOf(given) === Object.prototype)
      return this[OWN_WRITE_HEAD](...before, withOwnFields(given as Readonly<Record<string, unknown>>, own));
  }
  for (let index = 0; index < own.length; index += 2) this.setHeader(own[index] ?? '', own[index + 1] ?? '');
  return this[OWN_WRITE_HEAD](...parameters);
}

/** What the handler gives under the same name takes the place of ours. As a list: node:http writes what it is given one by one, whichever it is. */
function withOwnFields(given: Readonly<Record<string, unknown>>, own: readonly string[]): unknown[] {
  const list: unknown[] = [];
  for (const name of Object.keys(given)) list.push(name, given[name]);
  for (let index = 0; index < own.length; index += 2) {
    const name = own[index] ?? '';
    if (!hasField(given, name)) list.push(name, own[index + 1]);
  }
  return list;
}

function hasField(given: Readonly<Record<string, unknown>>, name: string): boolean {
  for (const key in given) if (key.length === name.length && key.toLowerCase() === name.toLowerCase()) return true;
  return false;
}

/**
 * A raw list stays one: with a single header set beside it, node:http would put its duplicates together. It may be a list of pairs, too,
 * and ours are in it already when it is that of an error.
 */
function withOwn(given: readonly unknown[], own: readonly string[]): unknown[] {
  const isPairs = Array.isArray(given[0]);
  const names = new Set(given.flat().map((text) => String(text).toLowerCase()));
  const missing: unknown[] = [];
  for (let index = 0; index < own.length; index += 2) {
    const [name = '', value = ''] = own.slice(index);
    if (!names.has(name.toLowerCase())) missing.push(...(isPairs ? [[name, value]] : [name, value]));
  }
  return [...given, ...missing];
}
