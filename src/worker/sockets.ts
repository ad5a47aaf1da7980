import type { JournalWriter } from '../channel/journal.ts';
import type { SideWay } from '../channel/side-way.ts';
import { inheritedTransport, type Transport } from '../channel/transport.ts';

/** The two sockets that a worker process inherits from its spawner. Nothing else may know how they came to be. */
const DATA_FD = 3;
const CONTROL_FD = 4;
const MEMORY_FD = 5;

export function openDataSocket(): Transport {
  return inheritedTransport(DATA_FD);
}

export function openControlSocket(): Transport {
  return inheritedTransport(CONTROL_FD);
}

/** Only loaded when the primary says that it shares memory. */
export async function openJournal(): Promise<JournalWriter> {
  const [{ MemoryFile }, { JournalWriter: Writer }] = await Promise.all([
    import('../channel/memory-file.ts'),
    import('../channel/journal.ts'),
  ]);
  return new Writer(new MemoryFile(MEMORY_FD).journal);
}

/** The same. */
export async function openSideWay(): Promise<SideWay> {
  const [{ MemoryFile }, { SideWay: Opened }] = await Promise.all([
    import('../channel/memory-file.ts'),
    import('../channel/side-way.ts'),
  ]);
  return new Opened(new MemoryFile(MEMORY_FD), 'worker');
}
