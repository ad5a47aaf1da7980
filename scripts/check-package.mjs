/**
 * Packs the package as npm would publish it (which builds it afresh, see "prepack") and checks the archive: publint, the types
 * as every resolver sees them, the files in it, their number and size, and that its command starts. Says what an import costs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const EXPECTED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'bin/prefork.js',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/dashboard/lab.html',
  'src/index.ts',
  // What the lab serves.
  'examples/prime/server.ts',
];
/** What everybody downloads and unpacks. A raise here needs a reason. The last one: the files that a worker process loads (scripts/build-worker.mjs). */
const MOST = { files: 1750, 'KB packed': 1240, 'KB unpacked': 4800 };
const IMPORT_ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'prefork-pack-'));

try {
  run('node', ['scripts/check-dependencies.mjs']);
  const [packed] = JSON.parse(npm(['pack', '--json', '--silent', '--pack-destination', folder]));
  const archive = join(folder, packed.filename);
  const paths = packed.files.map((file) => file.path);
  checkFiles(paths);
  checkSize({
    files: paths.length,
    'KB packed': Math.round(packed.size / 1024),
    'KB unpacked': Math.round(packed.unpackedSize / 1024),
  });
  run('npx', ['--no-install', 'publint', 'run', archive, '--strict']);
  run('npx', ['--no-install', 'attw', archive, '--profile', 'esm-only']);
  run('node', ['bin/prefork.js', '--version']);
  for (const file of ['dist/index.js', 'dist/worker/api.js']) sayImportCost(file);
} catch (error) {
  console.error(`package: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function checkFiles(paths) {
  const missing = EXPECTED.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`the archive lacks ${missing.join(', ')}; see "files" in package.json`);
  const strange = paths.filter((path) => /(^|\/)(test|\.test-build|node_modules|fixtures)\/|\.tsbuildinfo$/.test(path));
  if (strange.length > 0)
    throw new Error(`the archive holds ${strange.join(', ')}, which no user needs; see "files" in package.json`);
}

function checkSize(found) {
  console.log(
    `the archive: ${Object.entries(found)
      .map(([unit, count]) => `${count} ${unit}`)
      .join(', ')}`,
  );
  for (const [unit, most] of Object.entries(MOST)) {
    if (found[unit] > most)
      throw new Error(
        `the archive has ${found[unit]} ${unit}, expected at most ${most}; leave out what no user needs, or raise the limit here`,
      );
  }
}

/** No limit: time depends on the machine. What it comes from has one, in test/package/import-cost.test.ts. */
function sayImportCost(file) {
  const times = { bare: [], imported: [] };
  for (let round = 0; round < IMPORT_ROUNDS; round += 1) {
    times.bare.push(timeOf(''));
    times.imported.push(timeOf(`import ${JSON.stringify(new URL(`../${file}`, import.meta.url).href)}`));
  }
  const [bare, imported] = [median(times.bare), median(times.imported)];
  console.log(
    `import ${file}: ${Math.round(imported - bare)} ms beside the ${Math.round(bare)} ms of a bare Node, ${(imported / bare).toFixed(2)} times in all`,
  );
}

function timeOf(code) {
  const since = performance.now();
  run('node', ['--input-type=module', '--eval', code]);
  return performance.now() - since;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function npm(args) {
  return execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
