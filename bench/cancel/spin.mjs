/** Never returns, and says before which thread it holds: `PID/task/TID`, as /proc names it. */
import { readlinkSync, renameSync, writeFileSync } from 'node:fs';

export function spin(path) {
  writeFileSync(`${path}.new`, readlinkSync('/proc/thread-self'));
  renameSync(`${path}.new`, path);
  let value = 1;
  for (;;) value = (value * 31 + 1) % 1_000_003;
}

export function next(number) {
  return number + 1;
}
