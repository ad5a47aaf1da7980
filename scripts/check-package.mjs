/**
 * Packs the package as npm would publish it (which builds it afresh, see "prepack") and checks the archive: publint, the types
 * as every resolver sees them, the files in it, and that its command starts.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const folder = mkdtempSync(join(tmpdir(), 'prefork-pack-'));

try {
  run('node', ['scripts/check-dependencies.mjs']);
  const [packed] = JSON.parse(npm(['pack', '--json', '--silent', '--pack-destination', folder]));
  const archive = join(folder, packed.filename);
  const paths = packed.files.map((file) => file.path);
  checkFiles(paths);
  console.log(
    `${packed.filename}: ${paths.length} files, ${Math.round(packed.size / 1024)} KB packed, ${Math.round(packed.unpackedSize / 1024)} KB unpacked`,
  );
  run('npx', ['--no-install', 'publint', 'run', archive, '--strict']);
  run('npx', ['--no-install', 'attw', archive, '--profile', 'esm-only']);
  run('node', ['bin/prefork.js', '--version']);
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

function npm(args) {
  return execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function run(command, args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
