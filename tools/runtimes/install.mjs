/**
 * Installs the other Node.js releases that the tests run on, and tells where they are.
 *
 *   node tools/runtimes/install.mjs                       prints one line "name path version" a release
 *   import { installRuntimes } from '.../install.mjs'     the same as objects
 *
 * They come from npm, without scripts and without links: a linked .bin/node would become the Node of every npm script. A
 * second call finds them there and only asks each for its version. There are such packages for Linux on x64 alone; elsewhere it throws.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from '../with-lock.mjs';

const INSTALL_TIMEOUT_MS = 300_000;
const ASK_TIMEOUT_MS = 20_000;
const folder = fileURLToPath(new URL('.', import.meta.url));

/** The releases with the path that each one's binary has once it is installed; nothing is installed by asking. */
export function listRuntimes() {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(dependencies).map(([name, wanted]) => ({
    name,
    version: wanted.slice(wanted.lastIndexOf('@') + 1),
    path: join(folder, 'node_modules', name, 'bin', 'node'),
  }));
}

/**
 * Installs what is missing or of another version, by `npm ci` from the lockfile.
 * @returns the releases, each with `name` (`node22`), `version` (`22.23.3`) and `path` of its binary
 * @throws Error that says in one line what was found and what to do
 */
export function installRuntimes() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `runtimes: found ${process.platform} on ${process.arch}, expected linux on x64; run the tests under each Node.js by hand`,
    );
  }
  const runtimes = listRuntimes();
  if (runtimes.every((runtime) => fault(runtime) === undefined)) return runtimes;
  // `npm ci` starts by removing node_modules: two at once would break each other.
  const install = () => {
    if (runtimes.some((runtime) => fault(runtime) !== undefined)) installFromLockfile();
  };
  withLock(join(folder, '.lock'), install, INSTALL_TIMEOUT_MS);
  for (const runtime of runtimes) {
    const found = fault(runtime);
    if (found !== undefined)
      throw new Error(`runtimes: ${runtime.name} ${found}; remove tools/runtimes/node_modules and try again`);
  }
  return runtimes;
}

/** What is wrong with an installed release, or undefined. */
function fault({ path, version }) {
  if (!existsSync(path)) return `is missing at ${path}`;
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: ASK_TIMEOUT_MS });
  if (asked.error !== undefined) return `does not start: ${asked.error.message}`;
  const found = asked.stdout.trim();
  return found === `v${version}` ? undefined : `answers "${found}" to --version, expected v${version}`;
}

function installFromLockfile() {
  const options = ['--ignore-scripts', '--no-bin-links', '--no-audit', '--no-fund'];
  try {
    execFileSync('npm', ['ci', ...options], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const why =
      error.code === 'ETIMEDOUT'
        ? `it took longer than ${INSTALL_TIMEOUT_MS / 1000} s`
        : String(error.stderr ?? error.message).trim();
    throw new Error(`runtimes: npm ci failed in tools/runtimes: ${why}; check that the npm registry can be reached`, {
      cause: error,
    });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    for (const { name, path, version } of installRuntimes()) console.log(`${name} ${path} ${version}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
