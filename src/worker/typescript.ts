import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findCompiled, type Manifest, readManifest } from './typescript-manifest.ts';
import { refuseUnlisted } from './typescript-unlisted.ts';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.jsx'] as const;

/** The manifest in force for each entry: one in a worker, several in a primary that runs handlers itself. */
const inForce = new Map<string, Manifest>();

/**
 * Makes ready for modules that the primary compiled. These need no hooks of the loader; only a computed `require()` does, and it
 * goes by extension. May be called again, for other entries or for a newer build of the same one.
 *
 * @param manifestPath what `prepareEntry` gave
 * @returns the `file:` URL to import in place of the entry
 */
export async function installTypeScript(manifestPath: string): Promise<string> {
  const manifest = readManifest(manifestPath);
  if (inForce.size === 0) handleExtensions();
  inForce.set(manifest.source, manifest);
  return manifest.entry;
}

/** `require.extensions` is old and here to stay: https://nodejs.org/api/modules.html#requireextensions */
function handleExtensions(): void {
  const require = createRequire(import.meta.url);
  for (const extension of EXTENSIONS) {
    const natively = require.extensions[extension];
    require.extensions[extension] = (module, path) => {
      const compiled = compiledFor(pathToFileURL(path).href);
      if (compiled !== undefined) {
        module.exports = require(fileURLToPath(compiled)) as unknown;
        return;
      }
      refuseUnlisted(path);
      natively?.(module, path);
    };
  }
}

function compiledFor(url: string): string | undefined {
  for (const manifest of inForce.values()) {
    const found = findCompiled(manifest, url);
    if (found !== undefined) return found;
  }
  return undefined;
}
