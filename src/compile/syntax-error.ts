import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { PreforkError } from '../errors/prefork-error.ts';
import { compilerError } from './source-error.ts';

/**
 * The first syntax error in files of plain JavaScript. V8 keeps the place of one in an ES module to itself, so whoever wants to tell
 * it has to look again.
 *
 * @param files absolute paths, the likeliest first
 * @returns undefined when all can be parsed
 */
export async function findSyntaxError(files: readonly string[]): Promise<PreforkError | undefined> {
  const { parseSync } = await import('oxc-parser');
  for (const path of files) {
    const source = await readFile(path, 'utf8').catch(() => '');
    const { errors } = parseSync(path, source, extname(path) === '.cjs' ? { sourceType: 'commonjs' } : {});
    const [error] = errors;
    if (error !== undefined) return compilerError(path, source, error.labels[0]?.start ?? 0, error.message);
  }
  return undefined;
}
