/**
 * Writes docs/reference/api from the docstrings of what the package exports.
 *
 *   node tools/api-reference/write.mjs              writes it
 *   node tools/api-reference/write.mjs --check      only looks whether it is what it would write
 *
 * What is exported without a docstring is an error. The compiler that the package is built with has no API for such a tool, so this one brings its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installLocked } from '../install-locked.mjs';

const TIMEOUT_MS = 120_000;
const folder = fileURLToPath(new URL('.', import.meta.url));
const written = fileURLToPath(new URL('../../docs/reference/api', import.meta.url));

try {
  installLocked(folder);
  if (process.argv.includes('--check')) check();
  else write(written);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function check() {
  const fresh = mkdtempSync(join(tmpdir(), 'prefork-api-'));
  try {
    write(fresh);
    const [found, wanted] = [read(written), read(fresh)];
    const names = [...new Set([...found.keys(), ...wanted.keys()])];
    const stale = names.filter((name) => found.get(name) !== wanted.get(name));
    if (stale.length > 0)
      throw new Error(`docs/reference/api: ${stale.join(', ')} is not what the docstrings say; run npm run docs:api`);
    console.log(`docs/reference/api: ${names.length} files are what the docstrings say`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function write(out) {
  const args = [
    join(folder, 'node_modules', 'typedoc', 'bin', 'typedoc'),
    '--options',
    join(folder, 'typedoc.json'),
    '--out',
    out,
  ];
  const { status, error } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: TIMEOUT_MS });
  if (error !== undefined) throw new Error(`typedoc could not be run: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`typedoc ended with ${status}, see above`);
}

/** The text of each file below a folder, by its path. */
function read(from) {
  const paths = readdirSync(from, { recursive: true }).filter((path) => statSync(join(from, path)).isFile());
  return new Map(paths.map((path) => [path, readFileSync(join(from, path), 'utf8')]));
}
