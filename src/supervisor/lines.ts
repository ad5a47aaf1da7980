import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut, and the rest of it dropped: a child must not be able to fill our memory or the log. */
const LONGEST_LINE_CHARACTERS = 8 * 1024;

/** Hands out what a worker prints line by line; a last line without an end counts. Resolves after the last of them. */
export async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let cut = false;

  function add(text: string): void {
    if (cut) return;
    line += text;
    if (line.length <= LONGEST_LINE_CHARACTERS) return;
    line = `${line.slice(0, LONGEST_LINE_CHARACTERS)} [cut]`;
    cut = true;
  }

  function end(): void {
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    line = '';
    cut = false;
  }

  stream.on('data', (bytes: Buffer) => {
    const pieces = decoder.write(bytes).split('\n');
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) end();
      add(piece);
    }
  });
  // The pipe of a killed process may break; 'close' follows.
  stream.on('error', () => {});
  // Nothing else tells that all has been read: `stream.closed` of a socket is true before its 'close' has been heard.
  await new Promise((resolve) => {
    stream.once('close', resolve);
  });
  if (line !== '') end();
}
