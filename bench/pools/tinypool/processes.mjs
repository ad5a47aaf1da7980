/** tinypool over child processes. */
import { startTinypool } from './start.mjs';

export const start = async (workers) => startTinypool(workers, 'child_process');
