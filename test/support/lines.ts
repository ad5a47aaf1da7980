import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Collects the lines of a stream as they come; a last line without an end counts when the stream ends. */
export class Lines {
  /** The complete lines so far, without their ends. */
  readonly all: string[] = [];
  #rest = '';

  constructor(stream: Readable) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => this.#add(decoder.write(chunk)));
    stream.on('end', () => {
      this.#add(decoder.end());
      if (this.#rest !== '') this.all.push(this.#rest);
      this.#rest = '';
    });
  }

  #add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    this.all.push(...lines);
  }
}
