import type { BootError } from './decisions/life.ts';

/** What the module itself has said names its file, which may be another one than the entry. */
const NAMES_NOTHING: ReadonlySet<string> = new Set<BootError['code']>(['ERR_BOOT_EXIT', 'ERR_BOOT_TIMEOUT', 'ERR_BAD_OPTION']);

/** Whoever reads of a boot that failed wants to know of which file. */
export function withEntry(error: BootError, entry: string): BootError {
  return NAMES_NOTHING.has(error.code) ? { ...error, message: `${entry}: ${error.message}` } : error;
}
