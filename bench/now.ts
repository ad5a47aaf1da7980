/** Milliseconds of the clock that all threads and processes of this machine share; `performance.now` starts anew in each. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
