import { extname } from 'node:path';

/** `compiled` needs a compiler before Node can run it, `script` may lead to such a file, `other` (JSON, add-ons) does neither. */
export type SourceKind = 'compiled' | 'script' | 'other';

const COMPILED_EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.jsx'] as const;
const SCRIPT_EXTENSIONS = ['.js', '.mjs', '.cjs'] as const;

/** What kind of source a file is, by its extension alone, as Node decides too. */
export function sourceKindOf(path: string): SourceKind {
  const extension = extname(path);
  if (COMPILED_EXTENSIONS.some((known) => known === extension)) return 'compiled';
  return SCRIPT_EXTENSIONS.some((known) => known === extension) ? 'script' : 'other';
}

/** Packages are compiled by who publishes them. Workspace packages are links, and their real paths are elsewhere. */
export function isInPackages(path: string): boolean {
  return path.includes('/node_modules/');
}
