import { PreforkError } from '../errors/prefork-error.ts';
import { showValue } from './show-value.ts';

/** The error for a value that makes no sense: `--port: found "x", expected a port from 0 to 65535`. */
export function badOption(label: string, found: unknown, expected: string): PreforkError {
  return new PreforkError('ERR_BAD_OPTION', `${label}: found ${showValue(found)}, expected ${expected}`);
}
