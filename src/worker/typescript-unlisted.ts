import { extname } from 'node:path';

/** An error of the operator's side, with the code that the primary knows; the worker has no error class of its own. */
class UnlistedModuleError extends Error {
  override readonly name = 'UnlistedModuleError';
  readonly code = 'ERR_HANDLER_LOAD';
}

/**
 * Refuses a TypeScript or JSX file that was not compiled ahead, and that this Node can't run by itself either.
 *
 * @param path of the source, or its URL
 * @throws UnlistedModuleError that says how to have it compiled
 */
export function refuseUnlisted(path: string): void {
  const extension = extname(path);
  if (!['.ts', '.tsx', '.mts', '.cts', '.jsx'].includes(extension)) return;
  // From 22.18 on Node takes types out by itself: https://nodejs.org/api/typescript.html
  const features: Readonly<Record<string, unknown>> = { ...process.features };
  if (Boolean(features['typescript']) && extension !== '.tsx' && extension !== '.jsx') return;
  const expected =
    'expected only files that the entry reaches by constant specifiers, since these are compiled before a worker starts';
  throw new UnlistedModuleError(
    `${path}: found a computed import of it, ${expected}: write import('./its/path') in full somewhere`,
  );
}
