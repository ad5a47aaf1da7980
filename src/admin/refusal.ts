import { STATUS_CODES } from 'node:http';
import type { ErrorCode } from '../errors/codes.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { AdminProblem } from './api.ts';

/** A request that the admin API does not follow, with the status that says why. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail what was found and what was expected, in one line */
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** The statuses of what the rooms refuse. Whatever else they throw is a bug. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_BAD_OPTION: 400,
  ERR_NO_SUCH_WORKER: 404,
  ERR_NOT_SUPPORTED: 409,
  ERR_RELOAD: 409,
  ERR_OBSERVE: 502,
  ERR_SHUTTING_DOWN: 503,
};

export function toAdminProblem(error: unknown): AdminProblem {
  if (error instanceof Refusal) return problem(error.status, 'ERR_ADMIN', error.message);
  if (error instanceof PreforkError) return problem(STATUS[error.code] ?? 500, error.code, error.message);
  return problem(500, 'ERR_ADMIN', `a bug of prefork: ${messageOf(error)}`);
}

function problem(status: number, code: ErrorCode, detail: string): AdminProblem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}
