import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PreforkError } from '../errors/prefork-error.ts';
import { badOption } from './bad-option.ts';
import { nearest } from './nearest.ts';
import { showValue } from './show-value.ts';

/** What a file is called before and after it was compiled: code that names it may itself be compiled, or bundled, or not yet. */
const COUNTERPARTS: readonly (readonly [string, readonly string[]])[] = [
  ['.ts', ['.js']],
  ['.tsx', ['.js']],
  ['.mts', ['.mjs']],
  ['.cts', ['.cjs']],
  ['.js', ['.ts', '.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
];

/**
 * The absolute path of the user's module. Relative paths start at `cwd`; symbolic links are left as they are. Where there is no such file,
 * and one of the same name before or after it was compiled is beside it, that is the one: `primes.js` for `primes.ts`, and the other way.
 *
 * @throws PreforkError ERR_ENTRY_NOT_FOUND when it is no file, ERR_BAD_OPTION when it is neither a path nor a `file:` URL
 */
export async function resolveEntry(entry: unknown, cwd: string): Promise<string> {
  const path = pathOf(entry, cwd);
  const found = await kindOf(path);
  switch (found) {
    case 'file':
      return path;
    case 'directory':
      throw notFound(`entry: found the directory ${showValue(entry)}, expected a file such as ./server.js`);
    case 'nothing': {
      const counterpart = await counterpartOf(path);
      if (counterpart !== undefined) return counterpart;
      throw notFound(`entry: found no file ${showValue(path)}, expected ${await expectedInstead(path)}`);
    }
    case 'other':
      throw notFound(`entry: found ${showValue(path)}, which is no regular file, expected a file such as ./server.js`);
  }
}

function pathOf(entry: unknown, cwd: string): string {
  const expected = 'a path such as ./server.js, or a file: URL';
  if (entry instanceof URL || (typeof entry === 'string' && entry.startsWith('file:'))) {
    try {
      return fileURLToPath(entry);
    } catch {
      throw badOption('entry', String(entry), expected);
    }
  }
  if (typeof entry !== 'string' || entry === '') throw badOption('entry', entry, expected);
  return resolve(cwd, entry);
}

async function counterpartOf(path: string): Promise<string | undefined> {
  const extension = extname(path);
  const others = COUNTERPARTS.find(([each]) => each === extension)?.[1] ?? [];
  for (const other of others) {
    const counterpart = path.slice(0, -extension.length) + other;
    if ((await kindOf(counterpart)) === 'file') return counterpart;
  }
  return undefined;
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'nothing'> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  } catch {
    // Not there, not readable, or no valid path at all: in each case there is nothing that could be loaded.
    return 'nothing';
  }
}

async function expectedInstead(path: string): Promise<string> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  // Who leaves out the extension means the one file that has it.
  const near = names.find((name) => name.startsWith(`${basename(path)}.`)) ?? nearest(basename(path), names);
  return near === undefined ? 'the path of an existing file' : `${showValue(near)} in the same folder, or another existing file`;
}

function notFound(message: string): PreforkError {
  return new PreforkError('ERR_ENTRY_NOT_FOUND', message);
}
