/**
 * Runs the compiled tests with node:test, one process a file.
 *
 *   node test/run.mjs [FILTER...]      a file runs when its path contains one of the filters; without filters all run
 *
 * The list of files comes from the sources, not from `.test-build/`, so the output of a deleted test never runs. Exit code 1
 * when a test failed, when a file ran no test at all, when nothing matched, and when nothing happened for five minutes. What failed is told
 * again at the very end, for who has only that. Node 20 takes no pattern after `--test`; when it is no longer supported, that may replace this file.
 */
import { once, setMaxListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { CERTIFICATES_FOR_NPM } from '../tools/npm-environment.mjs';

/** The `timeout` of `run()` is one of a file in Node 20 and one of a test later, and then leaves the process running. */
const SILENCE_LIMIT_MS = 300_000;
/** The tests start processes of their own, and wait for them as much as they compute: one file more than there are CPUs. */
const FILES_AT_A_TIME = Math.min(4, availableParallelism() + 1);

/** What takes longest begins first: at the end nothing of it runs alone. */
const FIRST = [
  'conformance/built-apps.',
  'versions/',
  'package/installed.',
  'heavy/',
  'lab/lab.',
  'pool/runners.',
  'children/reload-load.',
  'children/signals.',
  'diagnostics/unharmed.',
];

/**
 * What mostly waits, for pauses, deadlines and timeouts. These run one after the other, beside the others: in the place of one of those they would leave
 * it to the CPUs to wait. The longest come first.
 */
const WAITING = [
  'children/boot.',
  'conformance/invalid-requests.',
  'children/incidents.',
  'children/concurrency.',
  'children/health.',
  'children/orphans.',
  'cli/top/ends.',
  'cli/top/terminal.',
  'children/deadline.',
  'children/normal-end.',
  'admin/find-server.',
];

const NO_TESTS = new Set([join('test', 'fixtures'), join('test', 'built-apps')]);

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);
const sources = testsBelow('test')
  .filter((path) => filters.length === 0 || filters.some((filter) => path.split(sep).join('/').includes(filter)))
  .toSorted((a, b) => rank(a, FIRST) - rank(b, FIRST) || rank(a, WAITING) - rank(b, WAITING) || (a < b ? -1 : 1));
if (sources.length === 0) end(`no test file matches ${filters.length === 0 ? 'test/**/*.test.ts' : filters.join(', ')}`);

const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
delete process.env.NODE_EXTRA_CA_CERTS;
if (certificates !== undefined) process.env[CERTIFICATES_FOR_NPM] = certificates;

const files = sources.map((path) => join(root, '.test-build', path.replace(/\.ts$/, '.js')));
const missing = files.find((path) => !existsSync(path));
if (missing !== undefined) end(`${relative(root, missing)} is missing: compile the tests first with "npm run build:test"`);

/** Files without a test: node:test reports such a file as one test that bears its name. */
const empty = new Set();
let passed = 0;
let failed = 0;
/** What is told of each failure at the end. */
const failures = [];
const ERROR_LINES = 30;
let last = 'the start';

const silence = new AbortController();
// Each file listens to it.
setMaxListeners(0, silence.signal);
const alarm = setTimeout(() => {
  failed += 1;
  console.error(`test/run.mjs: nothing happened for ${SILENCE_LIMIT_MS / 1000} s after ${last}; giving up`);
  silence.abort();
}, SILENCE_LIMIT_MS);

const waits = files.filter((_, index) => rank(sources[index], WAITING) < WAITING.length);
const computes = files.filter((path) => !waits.includes(path));
await Promise.all([runAll(waits, 1), runAll(computes, FILES_AT_A_TIME)]);
clearTimeout(alarm);
process.once('beforeExit', () => {
  for (const failure of failures) console.error(failure);
  if (failed > 0) end(`failed: ${failed} results of ${sources.length} files, see above; ${passed} tests passed`);
  if (empty.size > 0)
    end(`no test ran in ${[...empty].map((path) => relative(root, path)).join(', ')}: a file of tests holds one at least`);
  if (passed === 0) end('no test passed: all of them were skipped');
  console.log(`test/run.mjs: ${passed} tests in ${sources.length} files passed`);
});

/** Resolves when all of these files have run, so many at a time, whatever came of it. */
async function runAll(paths, concurrency) {
  // Without files it would look for some by itself.
  if (paths.length === 0) return;
  const stream = run({ files: paths, concurrency, signal: silence.signal });
  stream.on('test:pass', (event) => {
    if (!note(event)) return;
    if (event.skip === undefined && event.todo === undefined) passed += 1;
  });
  // The suites that the test at hand is in: in its file one test runs after the other, and each tells of its begin before its end.
  const begun = new Map();
  stream.on('test:start', ({ file, name, nesting }) => begun.set(`${file} ${nesting}`, name));
  stream.on('test:fail', (event) => {
    note(event);
    failed += 1;
    if (event.details.type !== 'suite') failures.push(toldAgain(event, begun));
  });
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  await once(stream, 'end');
}

/** Where a failed test is, and the begin of its error. */
function toldAgain({ file, name, nesting, details }, begun) {
  const suites = Array.from({ length: nesting }, (_, outer) => begun.get(`${file} ${outer}`));
  const at = relative(join(root, '.test-build'), file ?? name);
  const place = [at, ...suites, ...(files.includes(name) ? [] : [name])].join(' > ');
  const text = inspect(details.error?.cause ?? details.error)
    .split('\n')
    .slice(0, ERROR_LINES)
    .join('\n  ');
  return `\nfailed: ${place}\n  ${text}`;
}

/** What tests serve holds none, and whatever its frameworks have installed. */
function testsBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NO_TESTS.has(path) || entry.name === 'node_modules' ? [] : testsBelow(path);
    return path.endsWith('.test.ts') ? [path] : [];
  });
}

/** Whether a result is that of a test: a suite is none, nor is a file. */
function note(event) {
  alarm.refresh();
  last = `"${event.name}"${event.file === undefined ? '' : ` in ${relative(root, event.file)}`}`;
  if (files.includes(event.name)) {
    empty.add(event.name);
    return false;
  }
  return event.details.type !== 'suite';
}

function rank(path, names) {
  const place = names.findIndex((name) => path.split(sep).join('/').includes(name));
  return place < 0 ? names.length : place;
}

function end(message) {
  console.error(`test/run.mjs: ${message}`);
  process.exit(1);
}
