import type { RouteSettings } from './offload-options.ts';
import type { OffloadPool } from './offload-pool.ts';

/** Where an adapter takes a request. */
export interface Route extends RouteSettings {
  readonly pool: OffloadPool;
}
