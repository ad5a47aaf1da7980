/** The listening socket of a front and what is agreed on each connection: plain HTTP/1.1, or over TLS HTTP/1.1 or HTTP/2. */
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { CertificateFiles, Settings } from '../config/settings.ts';
import { readCertificate } from './certificate.ts';
import { serveHttp2 } from './http2-session.ts';

/** A server that a front listens with, and the connections of it that are not of node:http. */
export interface FrontServer {
  readonly http: Server;
  /** The next answers on each connection of HTTP/2 are its last ones. */
  closeSessions(): void;
  destroySessions(): void;
  /** Reads the certificate again, for the connections that come. @throws PreforkError ERR_BAD_OPTION, and the one in use stays */
  renewCertificate(): void;
}

/** @throws PreforkError ERR_BAD_OPTION when certificate and key make no sense */
export function createFrontServer(settings: Settings): FrontServer {
  const options: ServerOptions = {
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeoutMs,
    // The deadline bounds a task; a slow upload is held up by nobody but its client.
    requestTimeout: 0,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    // node:http looks for slow clients every 30 s only, which adds to each of the limits above.
    connectionsCheckingInterval: Math.min(1000, settings.headersTimeoutMs),
    // Checked by ourselves, with the other rules of RFC 9112 on Host.
    requireHostHeader: false,
    noDelay: true,
  };
  if (settings.certificate !== undefined) return createSecure(settings, settings.certificate, options);
  return { http: createServer(options), closeSessions() {}, destroySessions() {}, renewCertificate() {} };
}

function createSecure(settings: Settings, files: CertificateFiles, options: ServerOptions): FrontServer {
  const { cert, key } = readCertificate(files);
  const secure = createTlsServer({
    ...options,
    cert,
    key,
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    handshakeTimeout: settings.headersTimeoutMs,
  });
  const sessions = new Set<ServerHttp2Session>();
  const serveHttp1 = takeOver(secure);
  secure.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') {
      serveHttp1(socket);
      return;
    }
    const session = serveHttp2(socket, {
      maxHeaderBytes: settings.maxHeaderBytes,
      headersTimeoutMs: settings.headersTimeoutMs,
      keepAliveTimeoutMs: settings.keepAliveTimeoutMs,
      connect: serveHttp1,
      takesUpgrades: () => secure.listenerCount('upgrade') > 0,
    });
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    http: secure,
    closeSessions: () => sessions.forEach((session) => session.close()),
    destroySessions: () => sessions.forEach((session) => session.destroy()),
    renewCertificate() {
      const { cert: newCert, key: newKey } = readCertificate(files);
      secure.setSecureContext({ cert: newCert, key: newKey, minVersion: 'TLSv1.2' });
    },
  };
}

/**
 * Takes node:http's own listener off, which would take a connection of HTTP/2 for one of HTTP/1.1; a connection for which no TLS was agreed is
 * closed, and not answered in words that nobody can read. @returns what serves a connection of HTTP/1.1, as node:http2 does with `allowHTTP1`
 */
function takeOver(server: TlsServer): (socket: Duplex) => void {
  const listeners = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
}
