/**
 * WebSockets over HTTP/2 (RFC 8441): a stream that asks for one by `CONNECT` becomes an `Upgrade` of HTTP/1.1 within the process, and its
 * bytes that connection. What a handler answers with 101 is 200 to the client.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { PairedSocket } from './paired-socket.ts';

/** What a stream asks for by `CONNECT`. */
export type TunnelRequest =
  | { readonly kind: 'none' }
  | { readonly kind: 'websocket' }
  /** Another protocol, a plain tunnel, or what makes no sense. */
  | { readonly kind: 'refused'; readonly status: 400 | 501 };

export function tunnelRequest(headers: IncomingHttpHeaders, takesUpgrades: boolean): TunnelRequest {
  const { ':method': method, ':protocol': protocol, ':path': path } = headers;
  if (method !== 'CONNECT') return protocol === undefined ? { kind: 'none' } : { kind: 'refused', status: 400 };
  // A plain tunnel has no path (RFC 9113, 8.5), and the clients that want one agree on HTTP/1.1 when they are not offered this.
  if (protocol === undefined || path === undefined) return { kind: 'refused', status: 400 };
  // RFC 9220, 3, says it of HTTP/3, and other servers of HTTP/2 do so too. Without anybody who takes it the handler would see a plain GET,
  // and its 200 would be a WebSocket for the client.
  return protocol === 'websocket' && takesUpgrades ? { kind: 'websocket' } : { kind: 'refused', status: 501 };
}

/** What a request of HTTP/1.1 says more, to be one. A client over HTTP/2 sends no key and gets no answer to one (RFC 8441, 5). */
export function upgradeHeaders(): Record<string, string> {
  return { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': randomBytes(16).toString('base64') };
}

const OF_THE_UPGRADE = new Set(['connection', 'upgrade', 'sec-websocket-accept']);

/** The headers of the handler's 101, for its 200. */
export function acceptedHeaders({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, index) => !OF_THE_UPGRADE.has((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

/**
 * Bytes go both ways from now on, and each side may end before the other.
 *
 * @param inside the handler's end of the connection
 * @param head what the handler has sent after its answer
 */
export function joinTunnel(stream: ServerHttp2Stream, inside: PairedSocket, outside: PairedSocket, head: Buffer): void {
  if (head.length > 0) stream.write(head);
  outside.pipe(stream);
  stream.pipe(outside);
  stream.once('close', () => outside.destroy());
  // Nobody reads what the client sends: it is told when it has what the handler wrote.
  inside.once('close', () => {
    const end = (): void => stream.close(constants.NGHTTP2_NO_ERROR);
    if (stream.writableFinished) end();
    else stream.once('finish', end);
  });
}
