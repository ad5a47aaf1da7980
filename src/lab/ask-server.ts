import { type IncomingMessage, request as startRequest } from 'node:http';

/** What came of one request. */
export type Outcome =
  | { readonly is: 'answered'; readonly pid: number | null; readonly prime: boolean | null }
  | { readonly is: 'failed'; readonly why: string };

const MOST_BYTES = 64 * 1024;

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
};

/** Asks the prime example whether a number is prime, on a connection of its own. Never rejects; an abort closes the connection. */
export function askServer(url: string, number: number, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve({ is: 'failed', why: WORDS[error.code ?? ''] ?? error.message });
    const request = startRequest(`${url}/?number=${number}`, { agent: false, signal });
    request.on('error', fail);
    request.once('response', (response) => {
      readText(response).then((text) => resolve(toOutcome(response.statusCode ?? 0, text)), fail);
    });
    request.end();
  });
}

function toOutcome(status: number, text: string): Outcome {
  const { pid, prime, title } = parse(text);
  if (status !== 200) return { is: 'failed', why: `${status}${typeof title === 'string' ? ` ${title.slice(0, 60)}` : ''}` };
  return {
    is: 'answered',
    pid: typeof pid === 'number' ? pid : null,
    prime: typeof prime === 'boolean' ? prime : null,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
