import type { IncomingMessage } from 'node:http';
import type { RequestHead } from '../channel/messages.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** RFC 3986, 3.2.2 and 3.2.3: a reg-name, an IPv4 address or an IP literal, and perhaps a port, which may be empty. No userinfo, no path. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9\-._~%!$&'()*+,;=]+)(?::\d*)?$/i;

/** Also asks the parser of URLs, which every handler meets next: it knows numbers that are no port and no IPv4 address. */
function isHost(text: string): boolean {
  if (text === latestHost) return true;
  if (!HOST.test(text) || !URL.canParse(`http://${text}/`)) return false;
  latestHost = text;
  return true;
}

/** Of a server most requests name the same one. */
let latestHost: string | undefined;

/**
 * What node:http lets through and RFC 9112 forbids (3.2, 3.2.2 and 3.2.4): no `Host` or two of them, an empty one, one with
 * a path or user info; a target that is neither a path nor an absolute URI. A proxy in front may read such a request in
 * another way, which is how requests are smuggled.
 *
 * @returns the error to answer with, or undefined for a sound request
 */
export function checkRequest(request: IncomingMessage): PreforkError | undefined {
  const { rawHeaders, url = '', method = '' } = request;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'host') continue;
    hosts += 1;
    if (!isHost(rawHeaders[index + 1] ?? '')) return bad('the Host header is not a host name with an optional port');
  }
  if (hosts > 1) return bad(`${hosts} Host headers were sent, expected one`);
  if (hosts === 0 && request.httpVersion === '1.1') return bad('no Host header was sent, HTTP/1.1 requires one');
  if (request.httpVersionMajor !== 1) return bad(`HTTP/${request.httpVersionMajor} was spoken, expected HTTP/1.1`);
  // RFC 9112, 3.2.3: nothing but the host and port of the tunnel.
  const isAuthority = method === 'CONNECT' && isHost(url);
  const isTarget =
    isAuthority ||
    url.startsWith('/') ||
    isHost(/^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? '') ||
    (url === '*' && method === 'OPTIONS');
  if (!isTarget) return bad('the request target is neither a path nor an absolute URI');
  return undefined;
}

function bad(message: string): PreforkError {
  return new PreforkError('ERR_BAD_REQUEST', message);
}

/** RFC 9112, 6.3: a request has a body when it announces a length or a transfer coding. */
export function hasBody(request: Pick<IncomingMessage, 'headers'>): boolean {
  return request.headers['transfer-encoding'] !== undefined || announcedBytes(request) > 0;
}

/** What Content-Length announces; 0 without one. node:http has refused what is no number. */
export function announcedBytes(request: Pick<IncomingMessage, 'headers'>): number {
  return Number(request.headers['content-length'] ?? 0);
}

/** The head of a request as it goes to a worker. @param isTunnel whether bytes of another protocol follow in place of a body */
export function headOf(request: IncomingMessage, isTunnel: boolean): RequestHead {
  const { socket } = request;
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    httpVersion: request.httpVersion === '1.0' ? '1.0' : '1.1',
    headers: request.rawHeaders,
    hasBody: !isTunnel && hasBody(request),
    isTunnel,
    encrypted: 'encrypted' in socket && socket.encrypted === true,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
  };
}
