/**
 * Runs the tests that Fastify's package brings, bare and then through prefork's way of a request (through-worker.mjs), and lists what passes bare
 * and fails through it.
 *
 *   npm run build && node scripts/run-fastify-suite.mjs [WORD...]      only files whose name has one of the words
 *
 * A file that does not pass bare (most need packages that are in Fastify's own checkout alone) says nothing and is left out.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE_TIMEOUT_MS = 60_000;
const PRELOAD = new URL('through-worker.mjs', import.meta.url).href;
const folder = fileURLToPath(new URL('../node_modules/fastify', import.meta.url));
/** What tests the connection itself, which is prefork's: the time-out of its socket, bytes on it that are no request, raw writes to it. */
const OURS = new Set(['request-error.test.js', 'route-hooks.test.js', 'skip-reply-send.test.js']);

const words = process.argv.slice(2);
const names = readdirSync(join(folder, 'test')).filter(
  (name) => name.endsWith('.test.js') && (words.length === 0 || words.some((word) => name.includes(word))),
);
const passing = names.filter((name) => passes(name, []));
const failing = passing.filter((name) => !passes(name, ['--import', PRELOAD]));
for (const name of failing) console.log(`fails: ${name}${OURS.has(name) ? ', as is known' : ''}`);
console.log(
  `${names.length} files, ${passing.length} of them pass bare, ${passing.length - failing.length} of those through prefork`,
);
process.exitCode = failing.every((name) => OURS.has(name)) ? 0 : 1;

function passes(name, args) {
  const options = { cwd: folder, timeout: FILE_TIMEOUT_MS, killSignal: 'SIGKILL', stdio: 'ignore' };
  return spawnSync(process.execPath, [...args, join('test', name)], options).status === 0;
}
