import { readNumber } from './number.ts';
import { CONTENT_SECURITY_POLICY, PAGE } from './page.ts';
import { decide } from './prime.ts';

/** About a minute of work needs more than the default deadline, and the answer to a number never changes, so a retry is safe. */
export const config = { deadline: '5m', idempotent: true } as const;

const NO_STORE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const JSON_HEADERS = { ...NO_STORE, 'content-type': 'application/json' };
const PROBLEM_HEADERS = { ...NO_STORE, 'content-type': 'application/problem+json' };
const PAGE_HEADERS = {
  ...NO_STORE,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
};

/** Says whether `/?number=N` is prime; everything else gets a page or a problem that explains what to ask for. */
export default function answer(request: Request): Response {
  const url = new URL(request.url);
  if (url.pathname !== '/') return problem(404, 'Not Found', 'There is only one page here: /?number=7.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem(405, 'Method Not Allowed', 'This page is only read: use GET or HEAD.', { allow: 'GET, HEAD' });
  }
  const reading = readNumber(url.searchParams);
  switch (reading.kind) {
    case 'absent':
      return new Response(PAGE, { headers: PAGE_HEADERS });
    case 'wrong':
      return problem(400, 'Bad Request', reading.detail);
    case 'number':
      // The headers do not depend on the outcome, so HEAD (RFC 9110, 9.3.2) costs nothing.
      return new Response(request.method === 'HEAD' ? null : work(reading.number), { headers: JSON_HEADERS });
  }
}

function work(number: number): string {
  const startedMs = performance.now();
  const { prime, divisor } = decide(number);
  const ms = Math.round((performance.now() - startedMs) * 1000) / 1000;
  return JSON.stringify({ number, prime, divisor, ms, pid: process.pid });
}

/** An answer in the form of RFC 9457. */
function problem(status: number, title: string, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail }), {
    status,
    headers: { ...PROBLEM_HEADERS, ...headers },
  });
}
