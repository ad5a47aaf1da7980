import { setTimeout as delay } from 'node:timers/promises';

export const config = {
  // Then the client gets a 504, and the worker is ended, in whatever loop it is.
  deadline: '1s',
  // May be run once more when its worker died.
  idempotent: true,
  // Requests of one key are expected to take equally long.
  key: '{method} {path.1}',
  // Those that wait for room take turns by this.
  client: '{header.x-tenant}',
};

/** A worker is ready when this is over. */
export async function setup() {
  await delay(1);
}

export default async function report(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/broken') throw new Error('nobody gets to see this');
  if (pathname === '/loop') for (;;);
  // Aborts when nobody waits for the answer any more.
  await delay(10, undefined, { signal: request.signal });
  return new Response('a report\n');
}
