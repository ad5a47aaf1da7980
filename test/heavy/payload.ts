import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const CHUNK_BYTES = 64 * 1024;
const CHUNKS_PER_MB = 16;

/** The bytes that `transfer.mjs` sends down, and that the tests send up: chunks of 64 KiB, each filled with its number. */
function* chunks(megabytes: number, firstMb = 0): Generator<Buffer> {
  for (let chunk = firstMb * CHUNKS_PER_MB; chunk < megabytes * CHUNKS_PER_MB; chunk += 1)
    yield Buffer.alloc(CHUNK_BYTES, chunk & 255);
}

/** The bytes from `firstMb` up to `megabytes`, made when they are asked for. */
export function payload(megabytes: number, firstMb = 0): Readable {
  return Readable.from(chunks(megabytes, firstMb));
}

export function checksumOf(megabytes: number): string {
  const hash = createHash('sha1');
  for (const chunk of chunks(megabytes)) hash.update(chunk);
  return hash.digest('hex');
}

export async function checksumOfStream(stream: Readable): Promise<string> {
  const hash = createHash('sha1');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
