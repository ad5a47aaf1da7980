/**
 * What a worker has begun, by id: mostly one at a time. A Map that fills and empties all the time makes its tables anew as often; those that have become
 * old are garbage which still holds on to the tasks that were in there, and half of a worker's time went into looking at them again and again.
 */
export class TasksAtWork<Task> {
  #id = 0;
  #task: Task | undefined;
  /** Those beyond the first. */
  readonly #more = new Map<number, Task>();

  get size(): number {
    return this.#more.size + (this.#task === undefined ? 0 : 1);
  }

  get(id: number): Task | undefined {
    return this.#task !== undefined && this.#id === id ? this.#task : this.#more.get(id);
  }

  /** It must not be in there. */
  add(id: number, task: Task): void {
    if (this.#task === undefined) {
      this.#id = id;
      this.#task = task;
    } else this.#more.set(id, task);
  }

  delete(id: number): void {
    if (this.#id === id) this.#task = undefined;
    else this.#more.delete(id);
  }
}
