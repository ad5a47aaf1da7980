/**
 * How many workers may boot at once. A boot costs some 100 ms of CPU, taken from the very tasks that it is for. The very first one is alone: it shows whether
 * the code loads. After it half as many as there are CPUs may boot, twice that as long as each boot leaves workers missing, up to as many as CPUs, and
 * half again when nobody is missing any more. Measured in docs/decisions/0025-boots-at-once.md.
 */
export class BootRate {
  readonly #least: number;
  readonly #most: number;
  #atOnce = 1;

  /** @param cpus CPUs, a fraction where there are less than whole ones */
  constructor(cpus: number) {
    this.#least = Math.max(1, Math.floor(cpus / 2));
    this.#most = Math.max(2, Math.ceil(cpus));
  }

  get atOnce(): number {
    return this.#atOnce;
  }

  /** A worker has booted; `missing` says whether that was not enough. */
  booted(missing: boolean): void {
    this.#atOnce = missing ? Math.max(this.#least, Math.min(2 * this.#atOnce, this.#most)) : this.#least;
  }
}
