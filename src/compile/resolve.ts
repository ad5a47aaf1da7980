import { createRequire, isBuiltin } from 'node:module';
import { dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NapiResolveOptions, ResolverFactory } from 'oxc-resolver';
import { conditionsFor } from './conditions.ts';
import type { Reference } from './module-text.ts';
import { sourceKindOf } from './source-kind.ts';
import type { Tsconfigs } from './tsconfig.ts';

/** What a specifier stands for. `elsewhere` is left to Node as it is written: built-in modules, `data:` URLs. */
export type Resolution =
  | { readonly type: 'file'; readonly path: string; /** `?…` and `#…` of the specifier, or nothing. */ readonly suffix: string }
  | { readonly type: 'elsewhere' }
  | { readonly type: 'missing'; readonly reason: string };

/** TypeScript means `./x.ts` by `./x.js`, and so do we, but only in files of the user's own. */
const AS_TYPESCRIPT: NapiResolveOptions = {
  extensionAlias: {
    '.js': ['.ts', '.tsx', '.js'],
    '.jsx': ['.tsx', '.jsx'],
    '.mjs': ['.mts', '.mjs'],
    '.cjs': ['.cts', '.cjs'],
  },
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.node'],
};
const AS_NODE: NapiResolveOptions = { extensions: ['.js', '.json', '.node', '.ts', '.tsx', '.mts', '.cts', '.jsx'] };

/** Helpers of the compiler come with prefork, not with the user's packages. */
const HELPERS = '@oxc-project/runtime/';

/** Finds the file that a specifier means: as Node does, and in TypeScript files also as TypeScript does. One for each walk. */
export class Resolver {
  readonly #tsconfigs: Tsconfigs;
  readonly #own = createRequire(import.meta.url);
  readonly #factories = {
    import: { node: factory('import', { ...AS_NODE, fullySpecified: true }), typescript: factory('import', AS_TYPESCRIPT) },
    require: { node: factory('require', AS_NODE), typescript: factory('require', AS_TYPESCRIPT) },
  };

  constructor(tsconfigs: Tsconfigs) {
    this.#tsconfigs = tsconfigs;
  }

  /** @param importer absolute path of the file that has the reference */
  resolve(importer: string, { kind, specifier }: Pick<Reference, 'kind' | 'specifier'>): Resolution {
    if (isBuiltin(specifier) || /^(?!file:)[a-z][a-z+.-]+:/i.test(specifier)) return { type: 'elsewhere' };
    if (specifier.startsWith(HELPERS)) return { type: 'file', path: this.#own.resolve(specifier), suffix: '' };
    const imports = kind === 'static' || kind === 'dynamic';
    const [request, suffix] = imports ? splitUrl(specifier) : [specifier, ''];
    const factories = this.#factories[imports ? 'import' : 'require'];
    const isPath = /^\.{1,2}(?:\/|$)/.test(request) || isAbsolute(request);
    const folder = dirname(importer);
    if (sourceKindOf(importer) !== 'compiled') return fileOf(factories.node.sync(folder, request), suffix);
    if (isPath) return fileOf(factories.typescript.sync(folder, request), suffix);
    for (const candidate of this.#tsconfigs.of(importer).candidates(request)) {
      const found = fileOf(factories.typescript.sync(folder, candidate), suffix);
      if (found.type === 'file') return found;
    }
    // A package may publish x.ts beside x.js, and means x.js.
    const found = fileOf(factories.node.sync(folder, request), suffix);
    return found.type === 'file' ? found : fileOf(factories.typescript.sync(folder, request), suffix);
  }
}

function factory(kind: 'import' | 'require', options: NapiResolveOptions): ResolverFactory {
  return new ResolverFactory({ ...options, conditionNames: conditionsFor(kind), nodePath: kind === 'require' });
}

/**
 * The path, and the query by which a program loads a module a second time. What is imported is a URL, with its escapes; a `#` in
 * front is a package's own import. `require()` takes names of files as they are.
 */
function splitUrl(specifier: string): readonly [string, string] {
  if (specifier.startsWith('file:')) {
    const url = new URL(specifier);
    return [fileURLToPath(url), url.search + url.hash];
  }
  const at = specifier.search(/(?!^)[?#]/);
  const [path, suffix] = at === -1 ? [specifier, ''] : [specifier.slice(0, at), specifier.slice(at)];
  return [path.startsWith('.') ? unescaped(path) : path, suffix];
}

/** A lone `%` is no escape, and means itself. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function fileOf({ path, error }: { readonly path?: string; readonly error?: string }, suffix: string): Resolution {
  if (path !== undefined) return { type: 'file', path, suffix };
  return { type: 'missing', reason: error ?? 'there is no such module' };
}
