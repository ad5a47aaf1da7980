/**
 * The streams of a call, told beside its arguments: a value of its own at the end of their list. The places of streams in the list are
 * held by `null`; the first one is stream 1.
 */
export interface StreamArguments {
  readonly inputs: readonly StreamInput[];
  /** The result is a stream. */
  readonly output: boolean;
}

export interface StreamInput {
  /** Its place among the arguments. */
  readonly index: number;
  /** What the function gets: the same kind as the caller gave. */
  readonly kind: 'iterable' | 'readable';
}
