import { PreforkError } from '../errors/prefork-error.ts';
import { formatSize } from './size.ts';
import type { Machine } from './sizing.ts';

const MB = 1024 ** 2;

/**
 * Checks that there is what somebody set `memory` to. The default follows from the machine, and is not held to anything.
 *
 * @param label names the option in the error, such as `--memory`
 * @throws PreforkError ERR_BAD_OPTION
 */
export function checkMemory(bytes: number, machine: Machine, label: string): void {
  if (bytes <= machine.memoryBytes) return;
  // Rounded down: what the error names is accepted.
  const most = formatSize(Math.floor(machine.memoryBytes / MB) * MB);
  throw new PreforkError(
    'ERR_BAD_OPTION',
    `${label}: found ${formatSize(bytes)}, expected at most ${most}, all that this machine or its container has; left out, it is half of that`,
  );
}
