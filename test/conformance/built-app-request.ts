import type { AppRequest } from './app-request.ts';
import type { AppRoutes } from './app-routes.ts';

export interface OwnRequest extends AppRequest {
  readonly status: number;
}

export interface BuiltApp extends Pick<AppRoutes, 'routes' | 'bodies'> {
  /** Of `test/built-apps`. */
  readonly folder: string;
  /** What `node` runs, as its framework says, and what `prefork serve` gets if that is another file. In the folder. */
  readonly program: string;
  readonly served?: string;
  /** React cuts what it streams into pieces by the time that they took: two servers, or one twice, order them in other ways. */
  readonly streamsByTime?: boolean;
  /** What the app makes up anew for each answer. */
  readonly random?: RegExp;
  /** Requests that are of this framework alone. `pageOf` gives a page of the app: what a build has named stands there. */
  readonly own: (pageOf: (path: string) => Promise<string>) => readonly OwnRequest[] | Promise<readonly OwnRequest[]>;
}

interface Sent {
  readonly headers: readonly string[];
  readonly body: string;
}

/** @param status that the app answers with, so that a request which goes wrong on both sides is not taken for one that works */
export function request(
  status: number,
  line: string,
  headers: readonly string[] = [],
  sent: Sent = { headers: [], body: '' },
): OwnRequest {
  const lines = [`${line} HTTP/1.1`, 'Host: example.test', 'Connection: close', ...headers, ...sent.headers];
  return { status, method: line.split(' ')[0] ?? '', bytes: `${lines.join('\r\n')}\r\n\r\n${sent.body}` };
}

export function multipart(...parts: readonly string[]): Sent {
  const body = `${parts.map((part) => `--b\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--b--\r\n`;
  return { headers: ['Content-Type: multipart/form-data; boundary=b', `Content-Length: ${body.length}`], body };
}

export function textOf(type: string, text: string): Sent {
  return { headers: [`Content-Type: ${type}`, `Content-Length: ${text.length}`], body: text };
}

export const form = (text: string): Sent => textOf('application/x-www-form-urlencoded', text);
