import { createWriteStream } from 'node:fs';
import { access, link, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';

/** @throws PreforkError ERR_BAD_OPTION when the file is there, before anything is asked of the server */
export async function refuseExisting(file: string, force: boolean): Promise<void> {
  if (force || !(await exists(file))) return;
  throw new PreforkError('ERR_BAD_OPTION', `${file} exists already: choose another name by -o, or overwrite it by --force`);
}

/**
 * Writes a stream to a file as it comes. The file has its name only when it is whole: whatever happens leaves no half one.
 *
 * @param onBytes called with the size so far
 */
export async function saveStream(
  stream: Readable,
  file: string,
  force: boolean,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const unfinished = path.join(path.dirname(path.resolve(file)), `.${path.basename(file)}.${process.pid}.tmp`);
  let bytes = 0;
  try {
    await pipeline(
      stream,
      async function* count(pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          bytes += piece.length;
          onBytes(bytes);
          yield piece;
        }
      },
      // A heap holds whatever the users of the server sent.
      createWriteStream(unfinished, { mode: 0o600, flush: true }),
    );
    if (force) await rename(unfinished, file);
    else {
      // Fails if somebody has made it meanwhile.
      await link(unfinished, file);
      await rm(unfinished);
    }
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new PreforkError('ERR_ADMIN', `${file} was not written: ${reasonOf(error)}`, { cause: error });
  }
  return bytes;
}

function reasonOf(error: unknown): string {
  const isCutOff = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return isCutOff ? 'the answer broke off: the worker or its server ended, or could not go on' : messageOf(error);
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
