import { ERRORS, type ErrorCode, type ErrorSide } from './codes.ts';

/** What an error can carry beside its message. `stack` of a handler's error is kept in `cause`, never shown to a client. */
export interface PreforkErrorOptions {
  /** The error that led to this one. */
  cause?: unknown;
  /** The task in hand, if there was one. */
  task?: number;
  /** Id of the incident that tells more. */
  incident?: string | undefined;
}

/** The one error class of prefork. `code` is from a closed list (see `codes.ts`) and stays stable between releases. */
export class PreforkError extends Error {
  override readonly name = 'PreforkError';
  readonly code: ErrorCode;
  readonly side: ErrorSide;
  readonly task: number | undefined;
  readonly incident: string | undefined;

  /**
   * @param code one of the codes of `codes.ts`
   * @param message what was found, what was expected and what to do, in one line
   */
  constructor(code: ErrorCode, message: string, options: PreforkErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.side = ERRORS[code].side;
    this.task = options.task;
    this.incident = options.incident;
  }

  /** A plain object that survives a process boundary, a log and `JSON.stringify`. */
  toJSON(): { name: string; code: ErrorCode; side: ErrorSide; message: string; task?: number; incident?: string } {
    return {
      name: this.name,
      code: this.code,
      side: this.side,
      message: this.message,
      ...(this.task === undefined ? {} : { task: this.task }),
      ...(this.incident === undefined ? {} : { incident: this.incident }),
    };
  }
}

/** The message of whatever was thrown: user code may throw anything at all. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'a value that can not be shown was thrown';
  }
}
