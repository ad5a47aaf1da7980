/** prefork: a worker of the server, from its spawn until it would get a request. Each reload boots one. */
import { subscribe } from 'node:diagnostics_channel';
import { serve } from '../prefork.mjs';

export async function start(entry) {
  let bootMs;
  subscribe('prefork:worker:ready', (event) => {
    bootMs = event.bootMs;
  });
  const server = await serve({
    entry: new URL(`handlers/${entry}`, import.meta.url),
    port: 0,
    min: 1,
    max: 1,
    spares: 0,
    logLevel: 'silent',
  });
  return {
    async boot() {
      bootMs = undefined;
      await server.reload();
      return bootMs;
    },
  };
}
