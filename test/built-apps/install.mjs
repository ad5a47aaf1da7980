/**
 * Installs and builds the apps of this folder, whose frameworks are too heavy to be devDependencies.
 *
 *   node test/built-apps/install.mjs [APP...]             default all; prints one line "name, seconds" for each that it built
 *   import { builtApp } from '.../install.mjs'            installs what is missing, and builds one
 *
 * Everything comes from npm by the lockfile, without scripts. What is there already and was made of the same sources is left as it is.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { npmEnvironment } from '../../tools/npm-environment.mjs';
import { withLock } from '../../tools/with-lock.mjs';

const INSTALL_TIMEOUT_MS = 300_000;
const BUILD_TIMEOUT_MS = 240_000;
const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..', '..');
const modules = join(folder, 'node_modules');
/** What is made of the sources. */
const MADE = new Set(['.built', '.next', '.nitro', '.output', '.svelte-kit', 'build', 'dist', 'next-env.d.ts', 'node_modules']);
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1', CI: 'true' };

/** For each app: which examples are a part of it, what builds it in its folder, and what is there when it is built. */
const APPS = {
  nest: {
    examples: { 'offload/nest.ts': 'src/report.controller.ts' },
    command: [join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'), '--project', '.'],
    result: 'dist/main-express.js',
  },
  next: {
    examples: { 'offload/next-route.js': 'app/report/route.js' },
    command: [join(modules, 'next', 'dist', 'bin', 'next'), 'build'],
    result: '.next/standalone/next/server.js',
    finish: addStaticFiles,
  },
  nitro: { command: [join(modules, 'nitropack', 'dist', 'cli', 'index.mjs'), 'build'], result: '.output/server/index.mjs' },
  sveltekit: { command: [join(modules, 'vite', 'bin', 'vite.js'), 'build'], result: 'build/index.js' },
};

/**
 * Installs the frameworks and builds one app, where that was not done before.
 *
 * @param name such as `next`
 * @returns the absolute path of its folder
 * @throws Error that says in one line what was found and what to do
 */
export function builtApp(name) {
  const app = APPS[name];
  if (app === undefined) throw new Error(`built apps: found no app "${name}", expected one of ${Object.keys(APPS).join(', ')}`);
  const lock = join(folder, '.lock');
  return withLock(lock, () => installAndBuild(name, app), INSTALL_TIMEOUT_MS + BUILD_TIMEOUT_MS);
}

function installAndBuild(name, { examples = {}, command, result, finish }) {
  install();
  const path = join(folder, name);
  for (const [example, place] of Object.entries(examples)) cpSync(join(root, 'examples', example), join(path, place));
  const stamp = join(path, '.built');
  const wanted = hashOf([join(folder, 'package-lock.json'), ...sourcesOf(path)]);
  if (existsSync(join(path, result)) && read(stamp) === wanted) return path;
  rmSync(stamp, { force: true });
  const since = performance.now();
  run(process.execPath, command, { cwd: path, what: `the build of ${name}`, timeoutMs: BUILD_TIMEOUT_MS });
  if (!existsSync(join(path, result)))
    throw new Error(`built apps: the build of ${name} left no ${result}; run it by hand in ${path}`);
  finish?.(path);
  writeFileSync(stamp, wanted);
  console.error(`built apps: built ${name} in ${Math.round((performance.now() - since) / 1000)} s`);
  return path;
}

/** @throws Error when npm can not install what the lockfile names */
function install() {
  const stamp = join(modules, '.installed');
  const wanted = hashOf([join(folder, 'package-lock.json')]);
  if (read(stamp) !== wanted) {
    const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', npm, { cwd: folder, what: 'npm ci', timeoutMs: INSTALL_TIMEOUT_MS });
    writeFileSync(stamp, wanted);
  }
  installPrefork();
}

/** A copy, as a bundler takes links for sources. What prefork itself needs is found further up. One that is the same is left alone: it may be in use. */
function installPrefork() {
  const path = join(modules, 'prefork');
  const stamp = join(modules, '.prefork');
  const wanted = hashOf([join(root, 'package.json'), ...sourcesOf(join(root, 'dist'))]);
  if (read(stamp) === wanted) return;
  rmSync(stamp, { force: true });
  rmSync(path, { recursive: true, force: true });
  for (const part of ['package.json', 'dist']) cpSync(join(root, part), join(path, part), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Next leaves them to a CDN: https://nextjs.org/docs/app/api-reference/config/next-config-js/output */
function addStaticFiles(path) {
  const standalone = join(path, '.next', 'standalone', 'next');
  cpSync(join(path, '.next', 'static'), join(standalone, '.next', 'static'), { recursive: true });
  cpSync(join(path, 'public'), join(standalone, 'public'), { recursive: true });
}

function run(command, args, { cwd, what, timeoutMs }) {
  try {
    const env = { ...npmEnvironment(), ...QUIET };
    // Those of the tests are not for a build.
    delete env.NODE_ENV;
    delete env.NODE_V8_COVERAGE;
    execFileSync(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-8).join(' / ');
    const why = error.code === 'ETIMEDOUT' ? `it took longer than ${timeoutMs / 1000} s` : said || error.message;
    const advice = what === 'npm ci' ? 'check that the npm registry can be reached' : `run it by hand in ${cwd}`;
    throw new Error(`built apps: ${what} failed: ${why}; ${advice}`, { cause: error });
  }
}

function sourcesOf(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => (entry.isDirectory() ? sourcesOf(join(path, entry.name)) : [join(path, entry.name)]))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function hashOf(paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const path of paths) hash.update(`\n${relative(folder, path)}\n`).update(readFileSync(path));
  return hash.digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const names = process.argv.slice(2);
    for (const name of names.length > 0 ? names : Object.keys(APPS)) builtApp(name);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
