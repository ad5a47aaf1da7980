/** tinypool over worker threads, large memory moved. */
import { startTinypool } from './start.mjs';

export const start = async (workers) => startTinypool(workers, 'worker_threads');
