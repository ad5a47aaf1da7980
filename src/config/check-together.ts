import { PreforkError } from '../errors/prefork-error.ts';
import { checkMemory } from './check-memory.ts';
import { formatDuration } from './duration.ts';
import type { OptionName, OptionValues } from './options.ts';
import type { Machine } from './sizing.ts';

type Values = Pick<OptionValues, 'min' | 'max' | 'spares' | 'concurrency' | 'memory' | 'mode' | 'quantum' | 'deadline'> &
  Partial<Pick<OptionValues, 'cert' | 'key'>>;
/** How the source of an option names it; undefined where the default is in force. */
type LabelOf = (name: OptionName) => string | undefined;

/**
 * Checks the options that bound each other, or are bounded by the machine: `min` and `spares` are at most `max`; `concurrency` is for workers that are
 * sent their tasks and serve more than one; `quantum` is shorter than `deadline`; `memory` has room for a worker, and is there; a certificate and its
 * key are of no use without each other.
 *
 * @throws PreforkError ERR_BAD_OPTION
 */
export function checkTogether(values: Values, machine: Machine, labelOf: LabelOf): void {
  checkCertificate(values, labelOf);
  checkConcurrency(values, labelOf);
  checkWorkers(values, labelOf);
  checkQuantum(values, labelOf);
  const memoryLabel = labelOf('memory');
  if (memoryLabel !== undefined) checkMemory(values.memory, machine, memoryLabel);
}

function checkCertificate(values: Values, labelOf: LabelOf): void {
  for (const [given, missing] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (values[given] === undefined || values[missing] !== undefined) continue;
    const label = labelOf(given) ?? given;
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${label}: found it alone, expected ${missing} as well: HTTPS takes a certificate and its key`,
    );
  }
}

function checkConcurrency({ mode, concurrency }: Values, labelOf: LabelOf): void {
  if (concurrency === 1 || mode === 'pool' || mode === 'thread') return;
  throw new PreforkError(
    'ERR_BAD_OPTION',
    `${labelOf('concurrency') ?? 'concurrency'}: found ${concurrency} in mode ${mode}, expected mode pool or thread, or 1`,
  );
}

function checkWorkers(values: Values, labelOf: LabelOf): void {
  for (const name of ['min', 'spares'] as const) {
    if (values[name] <= values.max) continue;
    const maxLabel = labelOf('max');
    const bound = maxLabel === undefined ? 'the default of max on this machine: set max too' : `the value of ${maxLabel}`;
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${labelOf(name) ?? name}: found ${values[name]}, expected at most ${values.max}, ${bound}`,
    );
  }
}

/**
 * A task would be ended before it could count as long: the lanes would be off, and nothing would say so. Below the default of `quantum` a deadline needs
 * no lanes, for nothing runs longer than that; and a deadline that a handler or a route has for itself is its own affair.
 */
function checkQuantum({ quantum, deadline }: Values, labelOf: LabelOf): void {
  const label = labelOf('quantum');
  if (label === undefined || quantum < deadline) return;
  const deadlineLabel = labelOf('deadline');
  const bound = deadlineLabel === undefined ? 'the default of deadline' : `the value of ${deadlineLabel}`;
  const remedy = deadlineLabel === undefined ? 'set deadline too' : 'a task would be ended before it counts as long';
  throw new PreforkError(
    'ERR_BAD_OPTION',
    `${label}: found ${formatDuration(quantum)}, expected less than ${formatDuration(deadline)}, ${bound}: ${remedy}`,
  );
}
