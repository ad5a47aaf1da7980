import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version in prefork's own package.json, found by the package's name: the compiled files may lie at any depth. */
export function readVersion(): string {
  const path = fileURLToPath(import.meta.resolve('prefork/package.json'));
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
