/** Everything that the scheduler was told and ordered: counted, hashed, and the last of it kept to be read. */
import type { SchedulerCommand, SchedulerEvent } from '../../src/scheduler/types.ts';
import { Digest } from '../kernel/digest.ts';

interface Entry {
  readonly number: number;
  readonly atMs: number;
  readonly event: SchedulerEvent;
  /** After the last of those that were decided on together. */
  readonly commands: readonly SchedulerCommand[];
}

const KEPT = 30;

export class Chronicle {
  readonly events = new Map<string, number>();
  readonly commands = new Map<string, number>();
  readonly answers = new Map<string, number>();
  readonly #digest = new Digest();
  readonly #last: Entry[] = [];
  readonly #trace: ((line: string) => void) | undefined;
  #count = 0;

  /** @param trace gets every line as it is written */
  constructor(trace: ((line: string) => void) | undefined) {
    this.#trace = trace;
  }

  get eventCount(): number {
    return this.#count;
  }

  get hash(): string {
    return this.#digest.hex;
  }

  /** These events were decided on together. */
  handled(events: readonly SchedulerEvent[], commands: readonly SchedulerCommand[], atMs: number): void {
    for (const [index, event] of events.entries()) this.#note(event, index === events.length - 1 ? commands : [], atMs);
  }

  #note(event: SchedulerEvent, commands: readonly SchedulerCommand[], atMs: number): void {
    this.#count += 1;
    const entry = { number: this.#count, atMs, event, commands };
    this.#last[this.#count % KEPT] = entry;
    add(this.events, event.type);
    this.#digest.number(atMs);
    this.#take(event);
    for (const command of commands) {
      add(this.commands, command.type);
      this.#take(command);
    }
    if (this.#trace !== undefined) for (const line of linesOf(entry)) this.#trace(line);
  }

  answered(task: number, kind: string): void {
    add(this.answers, kind);
    this.#digest.name(kind);
    this.#digest.number(task);
  }

  /** The last events, oldest first. */
  *tail(): Iterable<string> {
    for (let back = KEPT - 1; back >= 0; back -= 1) {
      const entry = this.#last[(this.#count - back + KEPT) % KEPT];
      if (entry !== undefined && this.#count >= back) yield* linesOf(entry);
    }
  }

  #take(record: SchedulerEvent | SchedulerCommand): void {
    this.#digest.name(record.type);
    if ('task' in record) this.#digest.number(record.task);
    if ('worker' in record) this.#digest.number(record.worker);
    if ('reason' in record) this.#digest.name(record.reason);
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function* linesOf({ number, atMs, event, commands }: Entry): Iterable<string> {
  yield `#${number} at ${atMs.toFixed(3)} ms: ${inWords(event)}`;
  for (const command of commands) yield `    ${inWords(command)}`;
}

/** `StartTask task 17 worker 3 lane short ahead false`. */
function inWords({ type, ...rest }: SchedulerEvent | SchedulerCommand): string {
  const words = Object.entries(rest).map(([name, value]) => {
    return ` ${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
  });
  return type + words.join('');
}
