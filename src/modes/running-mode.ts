/** A mode at work. Whatever it is made of, the server starts it, watches it and ends it in the same way. */
export interface RunningMode {
  /** The address that is listened on, with the real port. */
  readonly host: string;
  readonly port: number;
  /** Tasks that were taken and are not over. */
  readonly running: number;
  /** Takes no more work, finishes what it has, and ends. Resolves with the number of tasks that were cut off. */
  close(): Promise<number>;
  /** Cuts `close` short: ends everything now. */
  force(): void;
}
