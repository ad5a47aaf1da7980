import { setTimeout as delay } from 'node:timers/promises';
import type { State } from '../../admin/api.ts';
import type { AdminClient } from '../../admin/client.ts';
import { findServer, type ServerChoice } from '../../admin/find-server.ts';
import { messageOf, PreforkError } from '../../errors/prefork-error.ts';
import type { Happening } from './model.ts';

const RETRY_MS = 1000;

export interface Followed {
  /** The server that is spoken to; another one when it was started anew. */
  client: AdminClient;
  readonly choice: ServerChoice;
}

/** What happens at the server, until the signal aborts. One that goes away is looked for, by the port that it served. */
export async function* followServer(followed: Followed, signal: AbortSignal): AsyncIterable<Happening> {
  let port: number | undefined;
  while (!signal.aborted) {
    let why = 'its connection ended';
    try {
      for await (const event of followed.client.events(signal)) {
        if (event.event === 'state') port = portOf(event.data) ?? port;
        yield event;
      }
    } catch (error) {
      why = error instanceof PreforkError ? error.message : `${why}: ${messageOf(error)}`;
    }
    if (signal.aborted) return;
    yield { event: 'lost', why };
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    followed.client = (await findAgain(followed, port)) ?? followed.client;
  }
}

/** The socket of a server that was started anew has another name, unless the user named one. */
async function findAgain({ choice }: Followed, port: number | undefined): Promise<AdminClient | undefined> {
  try {
    return await findServer(choice);
  } catch {
    return findServer({ ...choice, port }).catch(() => undefined);
  }
}

function portOf({ server }: State): number | undefined {
  return URL.canParse(server.url) ? Number(new URL(server.url).port || 80) : undefined;
}
