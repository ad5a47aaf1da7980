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
import { areSessionsGroups, callForSlices } from './priority.ts';
import { Sentinel } from './sentinel.ts';
import type { SpawnedWorker, SpawnEvents, Spawner, SpawnOptions, Yielding } from './spawner.ts';

/** The spawner of modes fork and pool: boots a fresh Node as the leader of a process group of its own. */
export class ProcessSpawner implements Spawner {
  readonly #callForSlices = callForSlices();
  readonly #sentinel = new Sentinel(this.#callForSlices);
  readonly #environment: NodeJS.ProcessEnv;
  readonly #arguments: readonly string[];
  /** Each worker leads a session. */
  readonly #areGroups = areSessionsGroups();
  readonly #options: SpawnOptions;

  constructor(options: SpawnOptions = {}) {
    this.#options = options;
    this.#environment = { ...workerEnvironment(process.env), ...options.env };
    this.#arguments = [...(options.execArgv ?? workerExecArgv(process.execArgv)), fileURLToPath(ownFile('worker/entry.cjs'))];
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
        killGroup(pid, 'SIGKILL');
        this.#sentinel.forget(pid);
        events.onExit(exit);
      },
    });
    return {
      pid,
      kind: 'process',
      isGroup: this.#areGroups,
      ...this.#yieldingOf(pid),
      data: socketTransport(data),
      control: socketTransport(control),
      ...(memory === undefined ? {} : { memory, journal: memory.journal }),
      signal: (signal) => {
        if (gone) return;
        if (signal === 'SIGTERM') {
          killGroup(pid, 'SIGTERM');
          return;
        }
        stopKilling ??= killFromInside(pid, { control, sentinel: this.#sentinel, kill: () => killGroup(pid, 'SIGKILL') });
      },
    };
  }

  close(): void {
    this.#sentinel.close();
  }

  #yieldingOf(pid: number): { readonly yielding?: Yielding } {
    const sentinel = this.#sentinel;
    if (this.#callForSlices !== undefined) return { yielding: { keepsShare: true, set: (isOn) => sentinel.setSlice(pid, isOn) } };
    // A policy has no effect between two groups, and does harm.
    return process.platform === 'linux' && !this.#areGroups
      ? { yielding: { keepsShare: false, set: (isOn) => sentinel.setIdle(pid, isOn) } }
      : {};
  }

  #boot(memory: MemoryFile | undefined): ChildProcess {
    try {
      return spawn(process.execPath, this.#arguments, {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...(memory === undefined ? [] : [memory.fd])],
        env: this.#environment,
        cwd: this.#options.cwd,
        // Leads a group and a session of its own: one signal reaches what it starts, and no Ctrl-C reaches it.
        detached: true,
        windowsHide: true,
      });
    } catch (error) {
      memory?.close();
      throw new PreforkError('ERR_SPAWN', `the system refused to start a worker process: ${messageOf(error)}`, { cause: error });
    }
  }
}

function killGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    // Windows has no process groups; there the signal ends the process alone.
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody is left.
  }
}
