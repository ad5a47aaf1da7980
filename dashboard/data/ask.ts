/** Asks the server to do something. */
import { forgetToken, token } from './token.ts';
import type { AdminProblem } from './types.ts';

/** It was not done; the message is for a person. */
export class NotDone extends Error {
  override readonly name = 'NotDone';
}

/** @throws NotDone with what the server says, or why it did not; AbortError when the signal aborts */
export async function ask(path: string, body: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal): Promise<Response> {
  const response = await send(path, body, signal);
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (response.status === 401) {
    forgetToken();
    throw new NotDone(
      'The server does not know this token: it may have been restarted. Open the link that it printed at its start.',
    );
  }
  throw new NotDone(problem?.detail ?? `The server answered with status ${response.status}.`);
}

export async function askJson<T>(path: string, body: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, body, signal);
  return (await response.json()) as T;
}

/** What to tell a person of whatever was thrown. */
export function toldOf(error: unknown): string {
  if (error instanceof NotDone) return error.message;
  if (error instanceof DOMException && error.name === 'AbortError') return 'Cancelled.';
  return error instanceof Error ? `The answer broke off: ${error.message}` : 'The answer broke off.';
}

async function send(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token.value ?? ''}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new NotDone('The server can not be reached.');
  }
}

async function readProblem(response: Response): Promise<AdminProblem | null> {
  try {
    return (await response.json()) as AdminProblem;
  } catch {
    return null;
  }
}
