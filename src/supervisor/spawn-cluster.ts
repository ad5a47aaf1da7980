import cluster from 'node:cluster';
import type { Socket } from 'node:net';
import { socketTransport } from '../channel/transport.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { workerEnvironment, workerExecArgv } from './environment.ts';
import { killFromInside } from './kill-from-inside.ts';
import { followChild } from './output.ts';
import { Sentinel } from './sentinel.ts';
import type { SpawnedWorker, SpawnEvents, Spawner } from './spawner.ts';

/**
 * The spawner of mode cluster. node:cluster starts its children in our own process group, so that a signal to the group is
 * no way to end what a handler has started: closing the control socket makes the watchdog do it, from inside.
 */
export class ClusterSpawner implements Spawner {
  readonly #sentinel = new Sentinel();
  readonly #environment: NodeJS.ProcessEnv;

  /** @param entry path of the file that a worker runs; @param environment what its environment has beside ours */
  constructor(entry: string, environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    // Round robin, the default, hands a connection over in a message: one that is on its way to a worker that computes waits
    // for it, and is lost for ever when that worker ends. In the kernel's queue it waits for whichever worker is free first.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: entry,
      args: [],
      execArgv: workerExecArgv(process.execArgv),
      // 0 to 2 as usual, 3 data, 4 control, 5 node:cluster's own channel.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'ipc'],
    });
  }

  spawn(events: SpawnEvents): SpawnedWorker {
    let child;
    try {
      child = cluster.fork({ ...workerEnvironment(process.env), ...this.#environment }).process;
    } catch (error) {
      throw new PreforkError('ERR_SPAWN', `the system refused to start a worker process: ${messageOf(error)}`, { cause: error });
    }
    child.on('error', () => {});
    const { pid } = child;
    if (pid === undefined)
      throw new PreforkError('ERR_SPAWN', 'the system refused to start a worker process (too many processes or no memory)');
    const [, stdout, stderr, data, control] = child.stdio as unknown as [null, Socket, Socket, Socket, Socket];
    this.#sentinel.watch(pid);
    let gone = false;
    let stopKilling: (() => void) | undefined;
    followChild(child, stdout, stderr, {
      onOutput: (stream, line) => events.onOutput(stream, line),
      onExit: (exit) => {
        gone = true;
        stopKilling?.();
        this.#sentinel.forget(pid);
        events.onExit(exit);
      },
    });
    return {
      pid,
      kind: 'process',
      isGroup: false,
      data: socketTransport(data),
      control: socketTransport(control),
      signal: (signal) => {
        if (gone) return;
        if (signal === 'SIGTERM') {
          child.kill('SIGTERM');
          return;
        }
        stopKilling ??= killFromInside(pid, { control, sentinel: this.#sentinel, kill: () => child.kill('SIGKILL') });
      },
    };
  }

  close(): void {
    this.#sentinel.close();
  }
}
