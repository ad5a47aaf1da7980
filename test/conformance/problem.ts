import type { WireResponse } from './take-response.ts';
import { jsonOf, valuesOf } from './wire.ts';

/** What counts of an answer that is an error of ours; what the handler's error says must be in none. */
export interface SeenProblem {
  readonly status: number | undefined;
  readonly code: unknown;
  /** Whether it is a problem document (RFC 9457) whose status and title fit, and nothing that tells of the code of the handler. */
  readonly isSound: boolean;
}

/** The answer as a problem document; for one that is none, `isSound` is false, and the code undefined. */
export function problemIn(response: WireResponse | null): SeenProblem {
  if (response === null || valuesOf(response, 'content-type')[0] !== 'application/problem+json') {
    return { status: response?.status, code: undefined, isSound: false };
  }
  const document = jsonOf(response);
  const isSound =
    response.isComplete &&
    document['status'] === response.status &&
    document['title'] === response.reason &&
    document['type'] === 'about:blank' &&
    typeof document['detail'] === 'string' &&
    !('stack' in document) &&
    valuesOf(response, 'content-length').join() === String(response.body.length) &&
    valuesOf(response, 'cache-control').join() === 'no-store' &&
    !/secret-4711|file:\/\/|\.mjs|node:/.test(response.body);
  return { status: response.status, code: document['code'], isSound };
}

/** What `problemIn` sees of an error that is as it should be. */
export function problem(status: number, code: string): SeenProblem {
  return { status, code, isSound: true };
}
