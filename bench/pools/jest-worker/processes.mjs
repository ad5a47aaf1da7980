/** jest-worker over child processes. */
import { startJestWorker } from './start.mjs';

export const start = async (workers) => startJestWorker(workers, false);
