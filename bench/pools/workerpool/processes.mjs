/** workerpool over child processes. */
import { startWorkerpool } from './start.mjs';

export const start = async (workers) => startWorkerpool(workers, 'process');
