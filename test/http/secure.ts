/** Servers with a certificate of their own, and clients of them that speak HTTP/2. */
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { makeCertificate, type MadeCertificate } from '../support/certificate.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';

export const made = makeCertificate({ name: 'one' });

export interface Secure {
  readonly server: TestServer;
  readonly folder: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serveSecure(
  t: TestContext,
  entry: string,
  args: readonly string[] = [],
  { cert, key }: MadeCertificate = made,
): Promise<Secure> {
  const folder = await temporaryFolder(t, { 'cert.pem': cert, 'key.pem': key });
  const files = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
  const server = await startServer({ entry: handler(entry), args: [...files, '--max', '3', ...args] });
  return { server, folder, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export function http2(t: TestContext, { url }: TestServer): ClientHttp2Session {
  const session = connectHttp2(url, { ca: made.cert });
  session.on('error', () => {});
  t.after(() => session.destroy());
  return session;
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly informational: readonly IncomingHttpHeaders[];
  readonly trailers: IncomingHttpHeaders | undefined;
}

export async function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  { body, trailers }: { readonly body?: string | Buffer; readonly trailers?: OutgoingHttpHeaders } = {},
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  const informational: IncomingHttpHeaders[] = [];
  let received: IncomingHttpHeaders | undefined;
  stream.on('headers', (more: IncomingHttpHeaders) => informational.push(more));
  stream.on('trailers', (more: IncomingHttpHeaders) => (received = more));
  if (body !== undefined) stream.end(body);
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
  return { status: response[':status'], headers: response, body: await text(stream), informational, trailers: received };
}
