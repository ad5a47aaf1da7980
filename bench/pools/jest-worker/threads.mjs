/** jest-worker over worker threads. */
import { startJestWorker } from './start.mjs';

export const start = async (workers) => startJestWorker(workers, true);
