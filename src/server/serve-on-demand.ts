import type { ServeOptions } from '../config/serve-options.ts';
import type { PreforkServer } from './serve.ts';

/**
 * Starts a server: what `prefork serve` does, from a program. Resolves when a request would be answered.
 *
 * A server keeps the program alive until it is closed, and ends at no signal by itself: see `closeOnSignals`. Options that are not given come from the
 * environment (`PORT`, `WEB_CONCURRENCY`, `PREFORK_*`), the config file and the defaults, in this order.
 *
 *     const server = await serve({ entry: new URL('./app.ts', import.meta.url), mode: 'pool', port: 5000 });
 *     console.log(server.url);
 *     await server.close();
 *
 * @throws PreforkError ERR_BAD_OPTION, ERR_ENTRY_NOT_FOUND, ERR_HANDLER_LOAD, ERR_HANDLER_INVALID, ERR_BOOT_EXIT,
 * ERR_BOOT_TIMEOUT, ERR_PORT_IN_USE or ERR_LISTEN; then nothing was left running
 */
export async function serve(options: ServeOptions): Promise<PreforkServer> {
  // The front, the modes, the admin API and the log are more than half of the package, and a program with a pool needs none of them.
  const server = await import('./serve.ts');
  return server.serve(options);
}
