import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { PreforkError } from '../errors/prefork-error.ts';
import { hasBody } from '../http/check-request.ts';
import { formText } from './form-text.ts';

/** The body of a request as it goes to a worker, and the headers that tell of it. */
export interface RequestBody {
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly stream: Readable;
}

/** What a body parser of the app has left. */
export interface ParsedBody {
  /** The very bytes, or their text, where the parser kept them. */
  readonly exact?: unknown;
  /** What it made of them. */
  readonly value?: unknown;
}

/** They tell of the bytes as they came. */
const OF_THE_BYTES = new Set(['content-length', 'transfer-encoding', 'content-encoding', 'trailer']);

/**
 * The body of a request of node:http: as it comes, when nobody has read any of it; else written anew from what a parser has made of it.
 *
 * @throws PreforkError ERR_BODY_READ when that can not be done
 */
export function bodyOfMessage(request: IncomingMessage, parsed: ParsedBody): RequestBody {
  const { rawHeaders, headers } = inHttp1(request);
  if (isReadable(parsed.value)) return { rawHeaders, headers, stream: parsed.value };
  if (!request.readableDidRead || !hasBody({ headers })) return { rawHeaders, headers, stream: request };
  const bytes = bytesOf(parsed, headers['content-type'] ?? '');
  if (bytes === undefined) throw bodyRead(headers['content-type']);
  return withBytes(rawHeaders, headers, bytes);
}

/** A request of HTTP/2 has fields for what HTTP/1.1 says elsewhere (RFC 9113, 8.3.1), and need not announce a body. */
function inHttp1(request: IncomingMessage): Pick<RequestBody, 'rawHeaders' | 'headers'> {
  if (request.httpVersionMajor < 2) return request;
  const rawHeaders: string[] = [];
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(request.headers)) if (!name.startsWith(':')) headers[name] = value;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (!name.startsWith(':')) rawHeaders.push(name, value);
  }
  const add = (name: string, value: string): void => {
    headers[name] = value;
    rawHeaders.push(name, value);
  };
  const authority = request.headers[':authority'];
  if (headers.host === undefined && typeof authority === 'string') add('host', authority);
  const { stream } = request as { readonly stream?: { readonly endAfterHeaders?: boolean } };
  if (headers['content-length'] === undefined && stream?.endAfterHeaders === false) add('transfer-encoding', 'chunked');
  return { rawHeaders, headers };
}

export function bodyRead(type: string | null | undefined): PreforkError {
  const found = `the body of the request (${(type ?? '').slice(0, 60) || 'no content-type'}) was read before, and nothing that could be sent on is left`;
  return new PreforkError('ERR_BODY_READ', `${found}: offload the route before the parser of the body`);
}

function bytesOf({ exact, value }: ParsedBody, contentType: string): Buffer | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  for (const known of [exact, value]) {
    if (known instanceof Uint8Array) return Buffer.from(known.buffer, known.byteOffset, known.byteLength);
    // What was parsed as JSON may be a text as well.
    if (typeof known === 'string' && (known === exact || !isJson(type))) return Buffer.from(known);
  }
  if (value === undefined) return undefined;
  if (isJson(type)) return Buffer.from(JSON.stringify(value));
  if (type === 'application/x-www-form-urlencoded' && typeof value === 'object' && value !== null)
    return Buffer.from(formText(value));
  return undefined;
}

function isJson(type: string): boolean {
  return /[/+]json$/.test(type);
}

function isReadable(value: unknown): value is Readable {
  return value instanceof Readable;
}

/** Whatever its encoding was, it is UTF-8 now. */
function withBytes(raw: readonly string[], known: IncomingHttpHeaders, bytes: Buffer): RequestBody {
  const rawHeaders: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2);
    const lower = name.toLowerCase();
    if (OF_THE_BYTES.has(lower)) continue;
    rawHeaders.push(name, lower === 'content-type' ? inUtf8(value) : value);
  }
  rawHeaders.push('Content-Length', String(bytes.length));
  const headers: IncomingHttpHeaders = Object.fromEntries(Object.entries(known).filter(([name]) => !OF_THE_BYTES.has(name)));
  headers['content-length'] = String(bytes.length);
  if (headers['content-type'] !== undefined) headers['content-type'] = inUtf8(headers['content-type']);
  return { rawHeaders, headers, stream: Readable.from([bytes], { objectMode: false }) };
}

function inUtf8(contentType: string): string {
  return contentType.replace(/;\s*charset=("[^"]*"|[^;\s]*)/i, '; charset=utf-8');
}
