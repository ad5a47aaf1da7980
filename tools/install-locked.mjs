/**
 * Installs a package that has a folder and a lockfile of its own, apart from the package itself: what is heavy, or would be in the way.
 * A second call finds it there and installs nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { npmEnvironment } from './npm-environment.mjs';
import { withLock } from './with-lock.mjs';

const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Installs what the lockfile of a folder names, unless it is there: by `npm ci`, without scripts and without links.
 *
 * @param folder its absolute path
 * @param isThere tells whether nothing has to be done; default: what is installed is what the lockfile names
 * @throws Error that says in one line what was found and what to do
 */
export function installLocked(folder, isThere = () => isInstalled(folder)) {
  if (isThere()) return;
  // `npm ci` starts by removing node_modules: two at once, as two test files can ask for, would break each other.
  const installIfMissing = () => {
    if (!isThere()) install(folder);
  };
  withLock(join(folder, '.lock'), installIfMissing, INSTALL_TIMEOUT_MS);
}

/** npm writes the second list when all is in place. It lacks what is for other platforms. */
function isInstalled(folder) {
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const found = readInstalled(folder);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || found[path]?.version === version || (optional === true && !(path in found)),
  );
}

function readInstalled(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return {};
  }
}

function install(folder) {
  const options = ['--ignore-scripts', '--no-bin-links', '--no-audit', '--no-fund', '--prefer-offline'];
  try {
    execFileSync('npm', ['ci', ...options], {
      cwd: folder,
      env: npmEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INSTALL_TIMEOUT_MS,
    });
  } catch (error) {
    const why =
      error.code === 'ETIMEDOUT'
        ? `it took longer than ${INSTALL_TIMEOUT_MS / 1000} s`
        : String(error.stderr ?? error.message).trim();
    throw new Error(`${basename(folder)}: npm ci failed in ${folder}: ${why}; check that the npm registry can be reached`, {
      cause: error,
    });
  }
}
