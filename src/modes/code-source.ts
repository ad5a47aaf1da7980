/** Code that is ready to be loaded by workers. */
export interface PreparedCode {
  /** Manifest of compiled modules, or null when the entry is loaded as it is. */
  readonly typescript: string | null;
  /** Adds to the error of a boot where in the user's code it came up, as far as can be told. */
  explain(error: unknown): Promise<unknown>;
  /**
   * The manifest of this very code, whatever has become of its files since; null when it can not be kept apart from them. Compiled code is
   * apart from the start.
   */
  freeze(): Promise<string | null>;
}

/** Where the code of the handler comes from. */
export interface CodeSource {
  /** What was prepared for the start. */
  readonly first: PreparedCode;
  /** Reads and compiles the files as they are now. @throws PreforkError when that can not be done */
  prepare(): Promise<PreparedCode>;
}
