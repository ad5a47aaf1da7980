/** The answers to a load balancer that asks whether this process lives, and whether it would take a request. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers `/livez` (this event loop turns) and `/readyz` (a new request would be taken, or why not).
 *
 * @param unready why a new request would not be taken, or undefined when it would
 * @returns false for any other path
 */
export function answerHealth(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  unready: () => string | undefined,
): boolean {
  const [path] = url.split('?', 1);
  if (path !== '/livez' && path !== '/readyz') return false;
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    send(response, 405, `found the method ${method}, expected GET or HEAD`);
    return true;
  }
  const why = path === '/livez' ? undefined : unready();
  send(response, why === undefined ? 200 : 503, why ?? 'ok');
  return true;
}

function send(response: ServerResponse, status: number, text: string): void {
  const body = `${text}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
