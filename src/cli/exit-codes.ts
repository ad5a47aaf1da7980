import type { ErrorCode } from '../errors/codes.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** What the exit codes of the command mean. Help and `docs/reference/cli.md` show this table. */
export const EXIT_CODES = {
  0: 'fine',
  1: 'unexpected: a bug of prefork, or the operating system refused something',
  2: 'usage: a wrong flag, value, environment variable or config file',
  3: 'the entry, or its handler, can not be loaded',
  4: 'can not listen on the host and port',
  5: 'ended with work lost: the shutdown timed out, or was forced, while tasks ran',
  6: 'no running server was found, or more than one',
  7: 'no worker has this pid or id',
  8: 'the server refused what was asked, or could not do it',
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

const BY_ERROR: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  ERR_BAD_OPTION: 2,
  ERR_ENTRY_NOT_FOUND: 3,
  ERR_HANDLER_LOAD: 3,
  ERR_HANDLER_INVALID: 3,
  ERR_HANDLER_THREW: 3,
  ERR_HANDLER_RESPONSE: 3,
  ERR_BOOT_EXIT: 3,
  ERR_BOOT_TIMEOUT: 3,
  ERR_PORT_IN_USE: 4,
  ERR_LISTEN: 4,
  ERR_NO_SERVER: 6,
  ERR_NO_SUCH_WORKER: 7,
  ERR_NOT_SUPPORTED: 8,
  ERR_OBSERVE: 8,
  ERR_RELOAD: 8,
  ERR_ADMIN: 8,
  ERR_SHUTTING_DOWN: 8,
};

/** The exit code of a command that ended with this error: 1 for whatever has no code of its own. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof PreforkError ? (BY_ERROR[error.code] ?? 1) : 1;
}
