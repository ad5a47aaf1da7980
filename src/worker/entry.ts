/** The first file of a worker process. The watchdog starts first: from then on nothing here can outlive the primary. */
import { Claims } from '../channel/claims.ts';
import { openDataSocket } from './sockets.ts';
import { startWatchdog } from './start-watchdog.ts';
import { Worker } from './worker.ts';

const claims = new Claims();
startWatchdog({ tickMs: 500, claims });
new Worker(openDataSocket(), claims);
// A service manager signals every process of the service, yet only the primary may decide when a worker ends.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
