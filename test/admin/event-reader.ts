import type { IncomingMessage } from 'node:http';
import { until } from '../support/until.ts';
import { type AdminPlace, openAdmin } from './ask-admin.ts';

export interface ReadEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** Reads `/api/events` as a browser does. */
export class EventReader {
  readonly headers: IncomingMessage['headers'];
  readonly #response: IncomingMessage;
  readonly #events: ReadEvent[] = [];
  #rest = '';
  #hasEnded = false;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#add(text));
    response.on('error', () => undefined);
    response.once('end', () => (this.#hasEnded = true));
  }

  /** @param lastId of the last event that was seen */
  static async open(place: AdminPlace, lastId?: number | string): Promise<EventReader> {
    const headers = lastId === undefined ? {} : { 'Last-Event-ID': String(lastId) };
    return new EventReader(await openAdmin(place, '/api/events', { headers }));
  }

  /** The first events, so many or more. */
  some(count: number): Promise<readonly ReadEvent[]> {
    return until(() => this.#events.length >= count && this.#events, { describe: `${count} events` });
  }

  /** All events up to the first one for which it holds. */
  async until(holds: (event: ReadEvent) => boolean): Promise<readonly ReadEvent[]> {
    const index = await until(() => this.#events.findIndex(holds) + 1, {
      describe: () => `an event; there were ${JSON.stringify(this.#events.map(({ event }) => event))}`,
      withinMs: 20_000,
    });
    return this.#events.slice(0, index);
  }

  async ended(): Promise<void> {
    await until(() => this.#hasEnded, { describe: 'the stream to end' });
  }

  close(): void {
    this.#response.destroy();
  }

  #add(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
      if (id !== undefined && event !== undefined && data !== undefined)
        this.#events.push({ id: Number(id), event, data: JSON.parse(data) as unknown });
    }
  }
}
