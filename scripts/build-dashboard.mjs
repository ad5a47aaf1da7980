/**
 * Builds the dashboard into dist/dashboard, when a source of it is newer than what was built; else it does nothing, and fast: `npm start`
 * and the tests call it each time.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'dashboard');

/** When the newest of them was changed; a folder changes when a file of it is added, renamed or removed. */
function newestMs() {
  const inside = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((path) => join(sources, path));
  const others = ['package-lock.json', 'src/admin/api.ts', 'src/lab/api.ts', 'scripts/build-dashboard.mjs'].map((path) =>
    join(root, path),
  );
  return Math.max(...[sources, ...inside, ...others].map((path) => statSync(path).mtimeMs));
}

const built = statSync(join(root, 'dist', 'dashboard', 'index.html'), { throwIfNoEntry: false });
if (built === undefined || built.mtimeMs < newestMs()) {
  const { build } = await import('vite');
  await build({ configFile: join(sources, 'vite.config.ts') });
}
