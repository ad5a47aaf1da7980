/** What one worker was sent: the tasks that it has begun, and how many it has served. */
export class HeldTasks {
  /** First begun first. */
  readonly #begun = new Set<number>();
  readonly #connections = new Set<number>();
  #served = 0;

  get running(): number {
    return this.#begun.size + this.#connections.size;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Tasks of which it said the last word. */
  get served(): number {
    return this.#served;
  }

  /** The one that it has run for longest; a connection only where it runs nothing else. */
  get oldest(): number | undefined {
    for (const task of this.#begun) return task;
    for (const task of this.#connections) return task;
    return undefined;
  }

  begin(task: number, isConnection: boolean): void {
    if (isConnection) this.#connections.add(task);
    else this.#begun.add(task);
  }

  end(task: number): void {
    if (this.#begun.delete(task) || this.#connections.delete(task)) this.#served += 1;
  }

  /** It runs no longer in here, and was not served either. */
  drop(task: number): void {
    this.#begun.delete(task);
  }
}
