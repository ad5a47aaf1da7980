import type { ServerResponse } from 'node:http';
import { Refusal, toAdminProblem } from './refusal.ts';

/** On everything: nothing here is a page, is to be kept, or is for another site. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export const JSON_TYPE = 'application/json';

/** One answer as JSON, on one line. */
export function sendJson(response: ServerResponse, value: unknown): void {
  sendText(response, JSON_TYPE, `${JSON.stringify(value)}\n`);
}

export function sendText(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** An error as a problem document; in the middle of an answer the connection breaks off, so that half of it does not look whole. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = toAdminProblem(error);
  const body = `${JSON.stringify(problem)}\n`;
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    ...(error instanceof Refusal ? error.headers : {}),
  });
  response.end(body);
}
