/**
 * What a process needs that runs a handler by itself: mode blocking in the primary, and the workers of mode cluster. They
 * reach this file by its URL, as the spawner reaches `entry.ts`.
 */
export { leave } from './leave.ts';
export { loadHandler } from './load.ts';
export { openDataSocket } from './sockets.ts';
export { startWatchdog } from './start-watchdog.ts';
export { monotonicMs } from './pulse.ts';
export { TaskBoard } from './task-board.ts';
