import { PreforkError } from '../errors/prefork-error.ts';

/**
 * The error of a source file that can't be compiled or linked: file, line and column (from 1) first, as editors and terminals
 * expect it.
 *
 * @param offset UTF-16 offset in `source`
 * @param reason what is wrong there and what to do, without a line break
 */
export function sourceError(path: string, source: string, offset: number, reason: string): PreforkError {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  return new PreforkError('ERR_HANDLER_LOAD', `${path}:${line}:${column}: ${reason}`);
}

/** An error of the compiler in the same form. */
export function compilerError(path: string, source: string, offset: number, message: string): PreforkError {
  const found = message.replaceAll(/\s+/g, ' ').trim();
  return sourceError(
    path,
    source,
    offset,
    `the compiler found: ${found}; expected valid code, correct the file and load it again`,
  );
}
