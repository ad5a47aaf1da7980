import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { carriedRequest } from './carried-request.ts';
import { bodyOfMessage, type ParsedBody } from './request-body.ts';

/**
 * A request of node:http, as it is carried to a worker.
 *
 * @param url as the client sent it, where a router has cut off its beginning
 * @throws PreforkError ERR_BODY_READ
 */
export function fromMessage(request: IncomingMessage, url: string, parsed: ParsedBody): IncomingMessage {
  const { rawHeaders, headers, stream } = bodyOfMessage(request, parsed);
  const { method = 'GET', httpVersion, socket } = request;
  return carriedRequest({ method, url, httpVersion, rawHeaders, headers, connection: socket }, stream);
}

/** The query of a URL, for who has no framework that parses it. A name that comes again has a list. */
export function queryOf(url: string): unknown {
  const mark = url.indexOf('?');
  return mark < 0 ? {} : { ...parse(url.slice(mark + 1)) };
}
