/** The first file of a worker thread: the same loop as in a process, over message ports. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { Claims } from '../channel/claims.ts';
import { portTransport } from '../channel/transport.ts';
import { beat } from './thread-heart.ts';
import { Worker } from './worker.ts';

const { data, control, claims } = workerData as { data: MessagePort; control: MessagePort; claims: SharedArrayBuffer };
beat(control);
new Worker(portTransport(data), new Claims(claims));
