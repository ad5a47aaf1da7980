import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { AdminEvent } from './api.ts';

/** More than this without an empty line between is no stream of ours. */
const LONGEST_EVENT = 16 * 1024 * 1024;

/** The events of a server-sent event stream (the parts of the standard that our server uses: `event`, `data`, `id`, comments). */
export async function* readEvents(stream: Readable): AsyncIterable<AdminEvent> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const bytes of stream) {
    rest += decoder.write(bytes as Buffer);
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > LONGEST_EVENT) throw new Error('an event without an end');
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

function parseBlock(block: string): AdminEvent | undefined {
  let event = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    else if (line.startsWith('data: ')) data += line.slice('data: '.length);
  }
  if (event === '' || data === '') return undefined;
  const parsed: unknown = JSON.parse(data);
  return { event, data: parsed } as AdminEvent;
}
