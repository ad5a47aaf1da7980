/** The first file of a worker thread: the same loop as in a process, over message ports. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { Claims } from '../channel/claims.ts';
import { JournalWriter } from '../channel/journal.ts';
import { SharedJournal } from '../channel/shared-journal.ts';
import { portTransport } from '../channel/transport.ts';
import { beat } from './thread-heart.ts';
import { Worker } from './worker.ts';

interface ThreadData {
  readonly data: MessagePort;
  readonly control: MessagePort;
  readonly claims: SharedArrayBuffer;
  readonly journal: SharedArrayBuffer;
}

const { data, control, claims, journal } = workerData as ThreadData;
beat(control);
new Worker(portTransport(data), new Claims(claims), new JournalWriter(new SharedJournal(journal)));
