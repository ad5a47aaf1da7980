import type { IncomingMessage } from 'node:http';
import type { RequestHead } from '../channel/messages.ts';
import { hasBody } from './check-request.ts';

/** A request as a worker gets it. @param isTunnel whether bytes of another protocol follow in place of a body */
export function requestHead(request: IncomingMessage, isTunnel: boolean): RequestHead {
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
