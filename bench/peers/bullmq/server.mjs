/** BullMQ: its sandbox, as many processes as there are CPUs, with a Redis of its own on a Unix socket. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { listen } from '../listen.mjs';

const folder = mkdtempSync(join(tmpdir(), 'prefork-bench-redis-'));
const path = join(folder, 'redis.sock');
// Nothing is kept, and no port is taken; the process ends with this one's group.
spawn('redis-server', ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder], {
  stdio: 'ignore',
});

const connection = { path, maxRetriesPerRequest: null };
const queue = new Queue('prime', { connection });
const events = new QueueEvents('prime', { connection });
const worker = new Worker('prime', new URL('worker.mjs', import.meta.url), {
  connection,
  concurrency: availableParallelism(),
  // A long job holds its process for minutes: it must not count as stalled and run a second time.
  lockDuration: 600_000,
});
// The first ones come while Redis is starting, and are tried again.
for (const emitter of [queue, events, worker]) emitter.on('error', () => {});
await events.waitUntilReady();

listen(async (number) => {
  const job = await queue.add('decide', number, { removeOnComplete: true, removeOnFail: true });
  return job.waitUntilFinished(events);
});
