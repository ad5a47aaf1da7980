/**
 * Templates that make a short text of a request: `"{method} {path}"`. Declarative, since the primary runs no code of the
 * user's. A request that lacks what a template names gives an empty text in its place.
 */
import type { IncomingMessage } from 'node:http';
import { PreforkError } from '../errors/prefork-error.ts';

export type Template = (request: IncomingMessage) => string;

/** Longer texts are cut: clients choose them, and the primary keeps them. */
const LONGEST = 256;
const EXPECTED =
  'text with {method}, {path}, {path.N} (the Nth segment, from 1), {query.NAME}, {header.NAME} or {ip} in it; {{ is a brace';

/**
 * @param label names the template in the error
 * @throws PreforkError ERR_BAD_OPTION for a field that does not exist, or a brace that is not closed
 */
export function compileTemplate(text: string, label: string): Template {
  const parts: (string | Template)[] = [];
  for (const [token] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (token === '{{' || token === '}}') parts.push(token.charAt(0));
    else if (token.startsWith('{') && token.length > 1) parts.push(field(token.slice(1, -1), label));
    else if (token === '{' || token === '}') throw wrong(label, text);
    else parts.push(token);
  }
  return (request) =>
    parts
      .map((part) => (typeof part === 'string' ? part : part(request)))
      .join('')
      .slice(0, LONGEST);
}

function field(name: string, label: string): Template {
  const [kind, ...rest] = name.split('.');
  const argument = rest.join('.');
  if (argument === '') {
    if (kind === 'method') return (request) => request.method ?? '';
    if (kind === 'path') return pathOf;
    if (kind === 'ip') return (request) => request.socket.remoteAddress ?? '';
  } else if (kind === 'path' && /^[1-9]\d?$/.test(argument)) {
    return (request) => pathOf(request).split('/')[Number(argument)] ?? '';
  } else if (kind === 'query') {
    return (request) => queryOf(request).get(argument) ?? '';
  } else if (kind === 'header' && /^[!#$%&'*+.^_`|~\w-]+$/.test(argument)) {
    const header = argument.toLowerCase();
    return (request) => String(request.headers[header] ?? '');
  }
  throw wrong(label, `{${name}}`);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function queryOf(request: IncomingMessage): URLSearchParams {
  const { url = '' } = request;
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

function wrong(label: string, found: string): PreforkError {
  return new PreforkError('ERR_BAD_OPTION', `${label}: found ${JSON.stringify(found)}, expected ${EXPECTED}`);
}
