/**
 * What a main thread has said of its tasks and not sent yet: `src/channel/journal.ts`, and what `src/worker/worker.ts` does with it, in small. It
 * outlives the process, and the primary may read it at any time.
 */
import type { FromMain, TaskWord } from './messages.ts';
import type { Wire } from './wire.ts';

export class Journal {
  readonly #wire: Wire<FromMain>;
  /** Whether words are kept at all; where nothing can be, each is sent as it is said. */
  readonly #keeps: () => boolean;
  #kept: TaskWord[] = [];

  constructor(wire: Wire<FromMain>, keeps: () => boolean) {
    this.#wire = wire;
    this.#keeps = keeps;
  }

  tell(message: FromMain, mayWait: boolean): void {
    if (isWord(message) && mayWait && this.#keeps()) {
      this.#add(message);
      return;
    }
    this.flush();
    this.#wire.send(message);
  }

  /** One that is over says with its last word that it has begun. */
  #add(word: TaskWord): void {
    const last = this.#kept.at(-1);
    if (word.type === 'TaskEnded' && last?.type === 'TaskStarted' && last.sending === word.sending) this.#kept.pop();
    this.#kept.push(word);
  }

  flush(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const word of kept) this.#wire.send(word);
  }

  /** The primary reads it. What is on its way comes before it, and then it waits for that. */
  read(): readonly TaskWord[] {
    if (this.#wire.isBusy) return [];
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}

function isWord(message: FromMain): message is TaskWord {
  return message.type === 'TaskStarted' || message.type === 'TaskEnded';
}
