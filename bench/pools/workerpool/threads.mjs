/** workerpool over worker threads, large memory moved. */
import { startWorkerpool } from './start.mjs';

export const start = async (workers) => startWorkerpool(workers, 'thread');
