import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout: the nearest folder above this file, compiled or not, whose package.json is that of prefork. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The `prefork` command. */
export const bin = join(root, 'bin', 'prefork.js');

/** The handlers that tests serve; they are plain JavaScript and are read from the checkout, not from the compiled tests. */
const handlers = join(root, 'test', 'fixtures', 'handlers');

/** The absolute path of a handler fixture, such as `handler('echo.mjs')`. */
export function handler(name: string): string {
  return join(handlers, name);
}

function findRoot(folder: string): string {
  if (isPreforkRoot(folder)) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error('found no package.json with the name "prefork" above the tests; run them in the checkout');
  return findRoot(parent);
}

function isPreforkRoot(folder: string): boolean {
  try {
    return Object(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).name === 'prefork';
  } catch {
    return false;
  }
}
