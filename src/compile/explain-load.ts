import { fileURLToPath } from 'node:url';
import type { Prepared } from './prepare.ts';
import { findSyntaxError } from './syntax-error.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** A frame of a stack that is in a file: `at f (file:///app/a.js:1:7)`, `at /app/a.js:1:7`. */
const FRAME = /^\s+at (?:.*\(|async )?((?:file:\/\/)?\/[^\s()]+?):(\d+):(\d+)\)?$/m;

/** Frames from here on are ours: none above them means that no code of the user's ran. */
const OWN = fileURLToPath(new URL('../worker/', import.meta.url));

/** Adds to the error of a handler that did not load where in the user's code that was, as far as can be told. */
export async function explainLoad(error: unknown, { manifest, files }: Prepared): Promise<unknown> {
  if (!(error instanceof PreforkError) || error.code !== 'ERR_HANDLER_LOAD') return error;
  if (manifest === null && error.message.includes(': SyntaxError: ')) {
    const syntaxError = await findSyntaxError(files);
    if (syntaxError !== undefined) return syntaxError;
  }
  const place = typeof error.cause === 'string' ? placeOf(error.cause) : undefined;
  if (place === undefined) return error;
  return new PreforkError(error.code, `${error.message}, at ${place}`, { cause: error.cause });
}

function placeOf(stack: string): string | undefined {
  const [, file, line, column] = FRAME.exec(stack) ?? [];
  if (file === undefined) return undefined;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return path.startsWith(OWN) ? undefined : `${path}:${line}:${column}`;
}
