import { request, type Agent, type IncomingMessage } from 'node:http';
import { nowMs } from '../now.ts';

export type Outcome =
  | { readonly kind: 'answered'; readonly latencyMs: number }
  | { readonly kind: 'late' }
  /** `why` is one of few: a status, an error code, a wrong answer. */
  | { readonly kind: 'failed'; readonly why: string };

export interface Question {
  readonly port: number;
  readonly number: number;
  /** What comes before the number: that of short requests where it is left out. */
  readonly route?: string;
  /** false for a connection of its own. */
  readonly agent: Agent | false;
  readonly limitMs: number;
  /** What the latency counts from: the planned time, so that a generator that falls behind hides nothing. */
  readonly sinceMs: number;
  readonly signal?: AbortSignal;
}

/** All peers look at the number alone. */
export const ROUTE = '/?';

/** Asks once whether a number is prime, and settles when the whole answer is there, when it is late, or when it failed. */
export function ask(question: Question): Promise<Outcome> {
  const { port, number, route = ROUTE, agent, limitMs, sinceMs, signal } = question;
  return new Promise((resolve) => {
    const asking = request({
      host: '127.0.0.1',
      port,
      path: `${route}number=${number}`,
      agent,
      ...(signal === undefined ? {} : { signal }),
    });
    const limit = setTimeout(
      () => {
        resolve({ kind: 'late' });
        asking.destroy();
      },
      Math.max(0, sinceMs + limitMs - nowMs()),
    );
    const end = (outcome: Outcome): void => {
      clearTimeout(limit);
      resolve(outcome);
    };
    asking.on('error', (error: Error & { code?: string }) => end({ kind: 'failed', why: error.code ?? error.message }));
    asking.on('response', (response) => {
      readText(response, (text) => {
        const latencyMs = Math.round((nowMs() - sinceMs) * 1000) / 1000;
        const why = whyWrong(response.statusCode, text, number);
        end(why === undefined ? { kind: 'answered', latencyMs } : { kind: 'failed', why });
      });
    });
    asking.end();
  });
}

function readText(response: IncomingMessage, onText: (text: string) => void): void {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
  });
  response.on('end', () => onText(text));
  // 'error' of the request comes as well, and tells why.
  response.on('error', () => {});
}

/** All numbers that are asked for are primes. */
function whyWrong(status: number | undefined, text: string, number: number): string | undefined {
  if (status !== 200) return `status ${status}`;
  try {
    const answer = JSON.parse(text) as { number?: unknown; prime?: unknown };
    return answer.number === number && answer.prime === true ? undefined : 'wrong answer';
  } catch {
    return 'no JSON';
  }
}
