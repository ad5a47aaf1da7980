/** Removes the folders of compiled files that the arguments name, so that no output of a deleted source is left behind. */
import { rmSync } from 'node:fs';

const REMOVABLE = new Set(['dist', '.test-build', 'coverage']);
const folders = process.argv.slice(2);

for (const folder of folders) {
  if (!REMOVABLE.has(folder)) {
    console.error(`clean: "${folder}" is not among ${[...REMOVABLE].join(', ')}; name one of those`);
    process.exit(1);
  }
}
for (const folder of folders) rmSync(new URL(`../${folder}/`, import.meta.url), { recursive: true, force: true });
