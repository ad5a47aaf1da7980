/** Stands for the error class of the primary, which a worker does not load: over there it becomes one of that class, by its name. */
class PreforkError extends Error {
  override readonly name = 'PreforkError';
  readonly code: string;
  readonly side: string;

  constructor(code: string, side: string, message: string) {
    super(message);
    this.code = code;
    this.side = side;
  }
}

/** @param code one of those of `errors/codes.ts`, with its side */
export function callError(code: string, side: 'handler' | 'operator', message: string): Error {
  return new PreforkError(code, side, message);
}
