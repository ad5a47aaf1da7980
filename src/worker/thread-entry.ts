/** The first file of a worker thread: the same loop as in a process, over message ports. */
import { readlinkSync } from 'node:fs';
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
new Worker(portTransport(data), new Claims(claims), {
  journal: new JournalWriter(new SharedJournal(journal)),
  systemId: systemId(),
});

/** Linux tells a thread which one it is: `4711/task/4713` (proc(5)). */
function systemId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}
