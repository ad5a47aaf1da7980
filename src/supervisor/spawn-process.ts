import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MemoryFile } from '../channel/memory-file.ts';
import { socketTransport } from '../channel/transport.ts';
import { ownFile } from '../config/own-file.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { workerEnvironment, workerExecArgv } from './environment.ts';
import { killFromInside } from './kill-from-inside.ts';
import { followChild } from './output.ts';
import { areSessionsGroups, type Launch, launch } from './launch.ts';
import { Sentinel } from './sentinel.ts';
import type { SpawnedWorker, SpawnEvents, Spawner, SpawnOptions } from './spawner.ts';

/** The spawner of modes fork and pool: boots a fresh Node as the leader of a process group of its own (launch.ts). */
export class ProcessSpawner implements Spawner {
  readonly #sentinel = new Sentinel();
  readonly #launch: Launch;
  /** Whether a policy of the scheduler has an effect between two workers. */
  readonly #hasPolicies: boolean;
  readonly #options: SpawnOptions;

  constructor(options: SpawnOptions = {}) {
    this.#options = options;
    const args = [...(options.execArgv ?? workerExecArgv(process.execArgv)), fileURLToPath(ownFile('worker/entry.cjs'))];
    this.#launch = launch(process.execPath, args, { ...workerEnvironment(process.env), ...options.env });
    this.#hasPolicies = process.platform === 'linux' && !(this.#launch.detached && areSessionsGroups());
  }

  spawn(events: SpawnEvents): SpawnedWorker {
    const memory = this.#options.sharesMemory === true ? MemoryFile.create(randomUUID()) : undefined;
    const child = this.#boot(memory);
    const { pid } = child;
    // A fork() that the system refused gives a child without a pid, and an error event later.
    child.on('error', () => {});
    if (pid === undefined) {
      memory?.close();
      throw new PreforkError('ERR_SPAWN', 'the system refused to start a worker process (too many processes or no memory)');
    }
    const [, stdout, stderr, data, control] = child.stdio as [null, Socket, Socket, Socket, Socket];
    if (this.#options.keepsAlive === false) {
      child.unref();
      for (const socket of [stdout, stderr, data, control]) socket.unref();
    }
    this.#sentinel.watch(pid);
    let gone = false;
    let stopKilling: (() => void) | undefined;
    followChild(child, stdout, stderr, {
      onOutput: (stream, line) => events.onOutput(stream, line),
      onExit: (exit) => {
        gone = true;
        stopKilling?.();
        // The handler's own children live on in the group of the dead leader.
        signalGroup(pid, 'SIGKILL');
        this.#sentinel.forget(pid);
        events.onExit(exit);
      },
    });
    return {
      pid,
      kind: 'process',
      leadsSession: this.#launch.detached,
      ...(this.#hasPolicies ? { setIdle: (isIdle: boolean) => this.#sentinel.setIdle(pid, isIdle) } : {}),
      data: socketTransport(data),
      control: socketTransport(control),
      ...(memory === undefined ? {} : { memory, journal: memory.journal }),
      signal: (signal) => {
        if (gone) return;
        if (signal === 'SIGTERM') {
          signalTree(pid, 'SIGTERM');
          return;
        }
        stopKilling ??= killFromInside(pid, { control, sentinel: this.#sentinel, kill: () => signalTree(pid, 'SIGKILL') });
      },
    };
  }

  close(): void {
    this.#sentinel.close();
  }

  #boot(memory: MemoryFile | undefined): ChildProcess {
    const { command, args, env, detached } = this.#launch;
    try {
      return spawn(command, args, {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...(memory === undefined ? [] : [memory.fd])],
        env,
        cwd: this.#options.cwd,
        detached,
        windowsHide: true,
      });
    } catch (error) {
      memory?.close();
      throw new PreforkError('ERR_SPAWN', `the system refused to start a worker process: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** A worker in its first moments has no group yet, and Windows knows none. */
function signalTree(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!signalGroup(pid, signal)) attempt(pid, signal);
}

/** @param pid of its leader, which may be gone. @returns false when there is nobody in it */
function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  return process.platform !== 'win32' && attempt(-pid, signal);
}

function attempt(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
