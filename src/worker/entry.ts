/** The first file of a worker process. The watchdog starts first: from then on nothing here can outlive the primary. */
import { openDataSocket } from './sockets.ts';
import { startWatchdog } from './start-watchdog.ts';
import { Worker } from './worker.ts';

startWatchdog({ tickMs: 500 });
new Worker(openDataSocket());
