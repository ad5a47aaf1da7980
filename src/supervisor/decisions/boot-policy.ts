/** What repeated boot failures mean: wait longer each time, then stop and try again only now and then. Pure. */

export interface BootRecord {
  readonly failuresInRow: number;
  /** No boot before this time. */
  readonly notBeforeMs: number;
}

export const NO_FAILURES: BootRecord = { failuresInRow: 0, notBeforeMs: 0 };

/** After so many failures in a row boots are paused, and whoever waits for a worker is told. */
export const FAILURES_TO_PAUSE = 5;
/** While paused, one boot is tried after this time: the cause may have been a database that was down. */
export const PAUSE_MS = 30_000;
const FIRST_WAIT_MS = 100;

export function afterFailure(record: BootRecord, nowMs: number): BootRecord {
  const failuresInRow = record.failuresInRow + 1;
  const waitMs = failuresInRow >= FAILURES_TO_PAUSE ? PAUSE_MS : FIRST_WAIT_MS * 2 ** (failuresInRow - 1);
  return { failuresInRow, notBeforeMs: nowMs + waitMs };
}

export function isPaused(record: BootRecord): boolean {
  return record.failuresInRow >= FAILURES_TO_PAUSE;
}

/** How many of the wanted boots may begin now. After a failure one at a time: the next one shows whether it is mended. */
export function bootsAllowed(record: BootRecord, wanted: number, starting: number, nowMs: number): number {
  if (nowMs < record.notBeforeMs) return 0;
  return record.failuresInRow === 0 ? wanted : Math.min(wanted, Math.max(0, 1 - starting));
}
