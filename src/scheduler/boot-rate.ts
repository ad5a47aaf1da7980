/**
 * How many workers may boot at once. A boot costs some 100 ms of CPU, taken from the very tasks that it is for: so it begins
 * with one, doubles as long as each boot leaves workers missing, and begins anew when nobody is missing any more.
 */
export class BootRate {
  readonly #most: number;
  #atOnce = 1;

  /** @param cpus CPUs, a fraction where there are less than whole ones */
  constructor(cpus: number) {
    this.#most = Math.max(2, 2 * Math.ceil(cpus));
  }

  get atOnce(): number {
    return this.#atOnce;
  }

  /** A worker has booted; `missing` says whether that was not enough. */
  booted(missing: boolean): void {
    this.#atOnce = missing ? Math.min(2 * this.#atOnce, this.#most) : 1;
  }
}
