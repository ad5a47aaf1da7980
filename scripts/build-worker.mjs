/**
 * Puts what a worker process loads into few CommonJS files beside what tsc compiled: `node scripts/build-worker.mjs [FOLDER]`, the folder being that of all
 * rooms, dist by default. Two dozen modules cost a third of the CPU time of a boot, most of it for the loader of ES modules
 * (docs/decisions/0020-boot-of-a-worker.md). What few workers need stays apart, and is loaded when it is needed.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(resolve(root, process.argv[2] ?? 'dist'), 'worker');

/**
 * What is always loaded together. No file may need `entry`: where a user's hooks load modules, that would be a second copy of it, and a second worker in
 * the process.
 */
const GROUPS = [
  group(
    'both-threads',
    'worker/(kill-tree|pulse|sockets)',
    'channel/(claims|codec|frame|handed|heads|link|messages|outbox|shape|transport|turn-end|window)',
  ),
  group(
    'worker',
    'worker/(fetch-adapter|handler|leave|listening|load|loaded|nowhere|remote-error|start-watchdog|tasks-at-work|worker)',
  ),
  group('request', 'worker/(request-rehearsal|response-text|task|task-socket)'),
  group(
    'call',
    'worker/(call|call-error|given-result|load-functions|rehearsal|worker-state)',
    'channel/(clone|crossing|plain-value|thrown|value)',
  ),
  group('memory', 'channel/(journal|lent-memory|memory-file|side-way)'),
];

function group(name, ...paths) {
  return { name, test: new RegExp(`/src/(${paths.join('|')})\\.ts$`) };
}

const bundle = await rolldown({
  cwd: root,
  input: { entry: 'src/worker/entry.ts', watchdog: 'src/worker/watchdog.ts' },
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  external: /^node:/,
  // What comes of TypeScript is the same as in the files beside it.
  transform: { target: 'es2022' },
});
for (const file of readdirSync(folder)) if (/\.cjs(\.map)?$/.test(file)) rmSync(join(folder, file));
const { output } = await bundle.write({
  dir: folder,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  sourcemap: true,
  // As those of tsc: the package has the sources.
  sourcemapExcludeSources: true,
  // Each worker would keep them in memory, twice: with the source of what is not compiled yet.
  comments: false,
  codeSplitting: { includeDependenciesRecursively: false, groups: GROUPS },
});
await bundle.close();

const wrong = output.find(({ imports = [], dynamicImports = [] }) =>
  [...imports, ...dynamicImports].some((file) => ['entry.cjs', 'watchdog.cjs'].includes(file)),
);
if (wrong !== undefined)
  throw new Error(`${wrong.fileName} needs a first file: put what it needs of that into a group of ${import.meta.filename}`);
