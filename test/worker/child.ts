import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { decodeFromWatchdog } from '../../src/channel/decode-from-worker.ts';
import { Link } from '../../src/channel/link.ts';
import {
  type FromWatchdog,
  type FromWorker,
  PROTOCOL_VERSION,
  type ToWatchdog,
  type ToWorker,
} from '../../src/channel/messages.ts';
import { socketTransport, type Transport } from '../../src/channel/transport.ts';
import { type End, primaryEnd } from '../channel/ends.ts';
import { endsWithTest } from '../support/ends-with-test.ts';

const ENTRY = fileURLToPath(new URL('../../src/worker/entry.cjs', import.meta.url));

export interface ChildOptions {
  /** Flags of Node. */
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Leave the data socket to the test, which then speaks for itself. Default: a link. */
  readonly raw?: (data: Transport) => void;
}

/** A worker process without its primary: a test has both of its sockets. */
export class WorkerChild implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly data: End<FromWorker, ToWorker> | undefined;
  /** What the watchdog said, heartbeats apart. */
  readonly answers: FromWatchdog[] = [];
  readonly heartbeats: FromWatchdog[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #control: Link<FromWatchdog, ToWatchdog>;
  #stderr = '';

  constructor(options: ChildOptions = {}) {
    const { execArgv = [], env = {}, raw } = options;
    this.process = spawn(process.execPath, [...execArgv, ENTRY], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      // It ends its whole process group when its control socket closes.
      detached: true,
    });
    endsWithTest(this.process);
    this.process.stderr?.on('data', (piece: Buffer) => (this.#stderr += piece.toString()));
    this.exited = exitOf(this.process);
    const [, , , data, control] = this.process.stdio as [null, null, Socket, Socket, Socket];
    if (raw === undefined) this.data = primaryEnd(socketTransport(data));
    else raw(socketTransport(data));
    this.#control = new Link(socketTransport(control), decodeFromWatchdog, {
      onMessage: (message) => void (message.type === 'Heartbeat' ? this.heartbeats : this.answers).push(message),
      onClose() {},
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  send(message: ToWorker): void {
    this.data?.link.send(message);
  }

  revoke(task: number, slot: number): void {
    this.#control.send({ type: 'RevokeTask', task, slot });
  }

  boot(entry: string, { protocol = PROTOCOL_VERSION, concurrency = 1, functions = null as string | null } = {}): void {
    this.send({
      type: 'Boot',
      options: { protocol, entry, typescript: null, taskLimit: 0, concurrency, functions, sharesMemory: false },
    });
  }

  /** The first message of a type that came, if any. */
  find<T extends FromWorker['type']>(type: T): Extract<FromWorker, { type: T }> | undefined {
    return this.data?.received.find((message): message is Extract<FromWorker, { type: T }> => message.type === type);
  }

  /** Closes the control socket, as the end of the primary does. */
  leave(): void {
    this.#control.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    await this.exited;
  }
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? 'SIGKILL';
}
