import { constants } from 'node:fs';
import { type FileHandle, open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { InspectedThread } from '../channel/observation.ts';
import { within } from './within.ts';

const ANSWERS_WITHIN_MS = 10_000;
/** While V8 makes it, a snapshot takes up to 13.5 times the size of a heap of tiny objects (Node 20 to 26), and 40 MB for one of 4 MB. */
const HEAP_TIMES = 14;
const LEAST_BYTES = 64 * 1024 * 1024;
/** The file of that snapshot was 1.5 times as large as the heap. */
const FILE_TIMES = 2;
const PIECE_BYTES = 64 * 1024;
/** statfs(2): such a file is memory too. */
const TMPFS = 0x0102_1994;

/**
 * Writes the snapshot to a file that has no name any more, and reads it from there: the thread stands still for as long as V8 needs, and
 * not for as long as the asker takes, and nothing of it piles up in memory.
 */
export async function observeHeap(
  thread: InspectedThread,
  { availableBytes, folder }: { readonly availableBytes: number; readonly folder: string },
  signal: AbortSignal,
  ask: (expression: string) => Promise<unknown>,
  send: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const { usedSize } = await within(thread.post('Runtime.getHeapUsage'), ANSWERS_WITHIN_MS, thread, signal);
  await refuseWithoutRoom(Number(usedSize), availableBytes, folder);
  const path = join(folder, `prefork-${process.pid}-${Date.now()}.heapsnapshot`);
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    // On Linux an open file can be found by its number in the process that it belongs to: no other one ever sees it.
    const target = process.platform === 'linux' ? `/proc/self/fd/${file.fd}` : path;
    try {
      if (target !== path) await unlink(path);
      // Not cut short: until it is done the number of the file has to stay that of this one.
      await ask(`process.getBuiltinModule('node:v8').writeHeapSnapshot(${JSON.stringify(target)})`);
    } finally {
      if (target === path) await unlink(path);
    }
    signal.throwIfAborted();
    await sendAll(file, send);
  } finally {
    await file.close();
  }
}

async function refuseWithoutRoom(heapBytes: number, availableBytes: number, folder: string): Promise<void> {
  const fileBytes = FILE_TIMES * heapBytes;
  const { type, bavail, bsize } = await statfs(folder);
  if (bavail * bsize < fileBytes) {
    throw new Error(
      `a snapshot of its heap of ${inMb(heapBytes)} may need ${inMb(fileBytes)} in ${folder}, and ${inMb(bavail * bsize)} are free there: make room, or set TMPDIR`,
    );
  }
  const neededBytes = HEAP_TIMES * heapBytes + LEAST_BYTES + (type === TMPFS ? fileBytes : 0);
  if (neededBytes <= availableBytes) return;
  throw new Error(
    `a snapshot of its heap of ${inMb(heapBytes)} may take up to ${inMb(neededBytes)} of memory, and ${inMb(availableBytes)} are free: end something, or raise the limit`,
  );
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MB`;
}

async function sendAll(file: FileHandle, send: (bytes: Buffer) => Promise<void>): Promise<void> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    await send(buffer.subarray(0, bytesRead));
  }
}
