import type { IncomingMessage } from 'node:http';
import { discardBody } from '../http/discard-body.ts';
import { Refusal } from './refusal.ts';

const LIMIT_BYTES = 16 * 1024;

export type Fields = Readonly<Record<string, unknown>>;

/**
 * The body of a request, a JSON object; one without fields when there is no body.
 *
 * @param isTypeRequired whether the type must be said even so: a form of another site can not say it
 * @throws Refusal 400, 413 or 415
 */
export async function readBody(request: IncomingMessage, isTypeRequired: boolean): Promise<Fields> {
  const type = request.headers['content-type'];
  const bytes = await readBytes(request);
  if (bytes.length > 0 || isTypeRequired || type !== undefined) checkType(type);
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Refusal(400, 'body: found what is no JSON, expected a JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(400, `body: found ${describe(value)}, expected a JSON object`);
  return { ...value };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const refuse = (): never => {
    // A connection that ends with bytes unread is reset, and the client never sees why.
    discardBody(request);
    throw new Refusal(413, `body: found more than ${LIMIT_BYTES} bytes, which is the most`, { Connection: 'close' });
  };
  if (Number(request.headers['content-length'] ?? 0) > LIMIT_BYTES) refuse();
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Not `for await`: that destroys the request when it is left, and the answer with it.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= LIMIT_BYTES) pieces.push(piece);
      else {
        request.pause();
        resolve();
      }
    });
    request.once('end', resolve);
    request.once('close', () => reject(new Refusal(400, 'body: it broke off')));
  });
  if (bytes > LIMIT_BYTES) refuse();
  return Buffer.concat(pieces);
}

function checkType(type: string | undefined): void {
  const [essence = ''] = (type ?? '').split(';', 1);
  if (essence.trim().toLowerCase() === 'application/json') return;
  throw new Refusal(415, `Content-Type: found ${type === undefined ? 'none' : describe(type)}, expected application/json`);
}

/** What was found, short and in ASCII: it may end up on a terminal. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
