/** prefork, isolation reuse. */
import { startPrefork } from './start-prefork.mjs';

export const start = (workers) => startPrefork('reuse', workers);
