/** The time of the simulated world, and what is to happen in it. Nothing in here looks at a real clock. */
export interface Clock {
  /** Milliseconds since the world began. */
  readonly nowMs: number;
  /** Lets something happen after a while. It can't be taken back: what it does has to look whether it is still wanted. */
  after(ms: number, happen: () => void): void;
}
