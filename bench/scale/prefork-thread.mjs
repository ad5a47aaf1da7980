/** prefork, isolation thread. */
import { startPrefork } from './start-prefork.mjs';

export const start = (workers) => startPrefork('thread', workers);
