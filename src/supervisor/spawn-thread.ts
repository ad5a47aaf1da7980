import { MessageChannel, Worker } from 'node:worker_threads';
import { Claims } from '../channel/claims.ts';
import { SharedJournal } from '../channel/shared-journal.ts';
import { portTransport } from '../channel/transport.ts';
import { ownFile } from '../config/own-file.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { observeThread } from './observe-thread.ts';
import { readLines } from './lines.ts';
import type { SpawnedWorker, SpawnEvents, Spawner, SpawnOptions } from './spawner.ts';

/** The spawner of mode thread. A thread shares the fate of the process, and can not be sent signals: it is terminated. */
export class ThreadSpawner implements Spawner {
  readonly #entry = ownFile('worker/thread-entry.js');
  readonly #heapLimitMb: number | undefined;
  readonly #options: SpawnOptions;

  /** @param maxMemoryBytes size of a thread's JavaScript heap at which it is replaced after its task; at twice as much V8 ends it. 0 for V8's own limit */
  constructor(maxMemoryBytes: number, options: SpawnOptions = {}) {
    this.#options = options;
    this.#heapLimitMb = maxMemoryBytes > 0 ? Math.max(16, Math.floor((2 * maxMemoryBytes) / 2 ** 20)) : undefined;
  }

  spawn(events: SpawnEvents): SpawnedWorker {
    const data = new MessageChannel();
    const control = new MessageChannel();
    const claims = new Claims();
    const journal = new SharedJournal();
    const { env, execArgv, keepsAlive = true } = this.#options;
    let thread: Worker;
    try {
      thread = new Worker(this.#entry, {
        workerData: { data: data.port2, control: control.port2, claims: claims.memory, journal: journal.memory },
        transferList: [data.port2, control.port2],
        stdout: keepsAlive,
        stderr: keepsAlive,
        ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
        ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
        ...(this.#heapLimitMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: this.#heapLimitMb } }),
      });
    } catch (error) {
      throw new PreforkError('ERR_SPAWN', `the system refused to start a thread: ${messageOf(error)}`, { cause: error });
    }
    if (!keepsAlive) letGo(thread);
    let outOfMemory = false;
    let terminated = false;
    const allRead = Promise.all([
      readLines(thread.stdout, (line) => events.onOutput('stdout', line)),
      readLines(thread.stderr, (line) => events.onOutput('stderr', line)),
    ]);
    thread.on('error', (error: Error & { code?: unknown }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') outOfMemory = true;
      events.onOutput('stderr', String(error.stack ?? error));
    });
    thread.once('exit', (code) => {
      void allRead.then(() => events.onExit({ code, signal: terminated ? 'SIGKILL' : null, outOfMemory }));
    });
    return {
      pid: process.pid,
      kind: 'thread',
      isGroup: false,
      data: portTransport(data.port1, keepsAlive),
      control: portTransport(control.port1, keepsAlive),
      claims,
      journal,
      observe: (answer) => observeThread(thread.threadId, answer),
      signal: (signal) => {
        if (signal === 'SIGTERM') return;
        terminated = true;
        void thread.terminate();
      },
    };
  }

  close(): void {}
}

/**
 * A thread whose output goes to this process may be left alone, and one whose output is read by us may not, whatever `unref` says: so
 * it is turned away from where it goes. https://github.com/nodejs/node/blob/main/lib/internal/worker/io.js, kIncrementsPortRef
 */
function letGo(thread: Worker): void {
  thread.stdout.unpipe(process.stdout);
  thread.stderr.unpipe(process.stderr);
  // What was unpiped does not flow by itself when somebody listens.
  for (const stream of [thread.stdout, thread.stderr]) queueMicrotask(() => stream.resume());
  thread.unref();
}
