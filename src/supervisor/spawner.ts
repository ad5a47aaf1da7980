import type { MemoryFile } from '../channel/memory-file.ts';
import type { JournalMemory } from '../channel/journal.ts';
import type { Claims } from '../channel/claims.ts';
import type { ObservationAnswer, ObservationOrder } from '../channel/messages.ts';
import type { Transport } from '../channel/transport.ts';
import type { RawExit } from './decisions/life.ts';

/** A worker that was just brought to life, however that was done. Nobody outside the spawners knows more than this. */
export interface SpawnedWorker {
  readonly pid: number;
  readonly kind: 'process' | 'thread';
  /** Its threads and what it starts are a group for the scheduler of the system, which has a priority of its own. */
  readonly isGroup: boolean;
  readonly yielding?: Yielding;
  readonly data: Transport;
  readonly control: Transport;
  /** A file in memory that it has open too, for large values. */
  readonly memory?: MemoryFile;
  /** Where it keeps what it has said and not sent; of a process that has the memory for it, and of a thread. */
  readonly journal?: JournalMemory;
  /** Where it shares memory with us: we take its tasks back ourselves, without a watchdog. */
  readonly claims?: Claims;
  /** Where there is no watchdog either to look what it does: takes the orders that one would get. */
  readonly observe?: (answer: (answer: ObservationAnswer) => void) => (order: ObservationOrder) => void;
  /** Also ends what the handler has started, as far as the system allows. Does nothing to a worker that is gone. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** How a process is made to leave the CPU at once to whoever wakes up, beyond its nice value. */
export interface Yielding {
  /** It still gets the share of its nice value. Else it gets what nobody else wants. */
  readonly keepsShare: boolean;
  /** Of its main thread. Takes effect in a moment, or never. */
  set(isYielding: boolean): void;
}

export interface SpawnEvents {
  /** Called once, when the worker is certainly gone. */
  onExit(exit: RawExit): void;
  /** One line of what the worker printed, without its end. */
  onOutput(stream: 'stdout' | 'stderr', line: string): void;
}

/** How workers differ from this process. */
export interface SpawnOptions {
  /** Environment variables beside those of this process; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node's own flags, in place of those that are inherited. */
  readonly execArgv?: readonly string[] | undefined;
  /** Working directory of worker processes; threads have that of this process. */
  readonly cwd?: string | undefined;
  /** False when the workers shall not keep this process from its end. Default true. */
  readonly keepsAlive?: boolean | undefined;
  /** Whether each worker process gets memory for large values, where the system has it. Default false. */
  readonly sharesMemory?: boolean | undefined;
}

export interface Spawner {
  /** @throws PreforkError ERR_SPAWN when the system refuses */
  spawn(events: SpawnEvents): SpawnedWorker;
  /** Called when no more workers will be spawned and all are gone. */
  close(): void;
}
