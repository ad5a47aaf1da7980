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
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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
  withLock(() => {
    if (runtimes.some((runtime) => fault(runtime) !== undefined)) installFromLockfile();
  });
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

/** `npm ci` starts by removing node_modules: two at once, as two test files can ask for, would break each other. */
function withLock(action) {
  const lock = join(folder, '.lock');
  const untilMs = Date.now() + INSTALL_TIMEOUT_MS;
  while (!take(lock)) {
    if (Date.now() > untilMs) {
      throw new Error(
        `runtimes: another install has held ${lock} for ${INSTALL_TIMEOUT_MS / 1000} s; end it, remove the file and try again`,
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The file holds the pid of its owner, so that the lock of an install that was killed does not keep out the next one. */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // An empty file is one whose owner is just writing it; 0 would ask about our own group and find it alive.
    process.kill(owner, 0);
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    for (const { name, path, version } of installRuntimes()) console.log(`${name} ${path} ${version}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
