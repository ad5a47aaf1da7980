/** What every process of this scenario does: a number, and which process it was. */
export function next(number) {
  return { number: number + 1, pid: process.pid };
}
