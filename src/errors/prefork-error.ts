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

/** What is left of an error where only plain data goes. */
export interface PreforkErrorData {
  /** `PreforkError` */
  name: string;
  /** As that of the error. */
  code: ErrorCode;
  /** As that of the error. */
  side: ErrorSide;
  /** As that of the error. */
  message: string;
  /** As that of the error, if it has one. */
  task?: number;
  /** As that of the error, if it has one. */
  incident?: string;
}

/** The one error class of prefork. Its message says in one line what was found, what was expected and what to do; it is for people, and may change. */
export class PreforkError extends Error {
  /** `PreforkError`, in subclasses too. */
  override readonly name = 'PreforkError';
  /** What happened, from a closed list: this is what a program should look at. */
  readonly code: ErrorCode;
  /** Whose doing it was. */
  readonly side: ErrorSide;
  /** The number of the task that it is about, if it is about one. */
  readonly task: number | undefined;
  /** The id of the incident that tells more, if there is one. */
  readonly incident: string | undefined;

  /**
   * Made by prefork; a program needs it for tests of its own.
   *
   * @param code what happened
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
  toJSON(): PreforkErrorData {
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
