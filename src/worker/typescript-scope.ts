/** What compiled modules ask for at run time: only those with a computed `import()`, `import.meta.resolve` or names of CommonJS do. */
import { createRequire, isBuiltin, Module } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findCompiled, type Manifest, readManifest } from './typescript-manifest.ts';
import { refuseUnlisted } from './typescript-unlisted.ts';

type Import = (specifier: string, options?: ImportCallOptions) => Promise<unknown>;

/** Stands in for what Node would have given to the source if it had loaded that. */
export interface Scope {
  readonly import: (specifier: unknown, options?: ImportCallOptions) => Promise<unknown>;
  readonly resolve: (specifier: unknown) => string;
  readonly require: NodeJS.Require;
  readonly __filename: string;
  readonly __dirname: string;
}

/**
 * @param compiledUrl where the compiled module is, its manifest beside it
 * @param sourceUrl the source, from where its specifiers count
 */
export function openScope(compiledUrl: string, sourceUrl: string): Scope {
  const path = fileURLToPath(sourceUrl);
  const require = createRequire(sourceUrl);
  const manifest = readManifest(fileURLToPath(new URL('manifest.json', compiledUrl)));
  let nativeImport: Import | undefined;
  return {
    import: async (specifier, options) => {
      const text = String(specifier);
      const url = addressOf(text, sourceUrl);
      if (url !== undefined) {
        const compiled = compiledFor(manifest, url);
        if (compiled !== undefined) return (await import(compiled)) as unknown;
        refuseUnlisted(url.href);
      }
      nativeImport ??= importFrom(path);
      return nativeImport(text, options);
    },
    resolve: (specifier) => {
      const text = String(specifier);
      const url = addressOf(text, sourceUrl);
      if (url !== undefined) return url.href;
      if (isBuiltin(text)) return text.startsWith('node:') ? text : `node:${text}`;
      return pathToFileURL(require.resolve(text)).href;
    },
    require,
    __filename: path,
    __dirname: dirname(path),
  };
}

/** The URL that a specifier is by itself; undefined for a package, which has to be looked for. */
function addressOf(specifier: string, base: string): URL | undefined {
  if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(specifier)) return new URL(specifier, base);
  return /^(?!node:)[a-z][a-z+.-]+:/i.test(specifier) ? new URL(specifier) : undefined;
}

function compiledFor(manifest: Manifest, url: URL): string | undefined {
  const suffix = url.search + url.hash;
  const compiled = findCompiled(manifest, url.href.slice(0, url.href.length - suffix.length));
  return compiled === undefined ? undefined : compiled + suffix;
}

/** Only a module's own code can tell Node from where to resolve, so a module of one function takes the place of the source. */
function importFrom(path: string): Import {
  const stand: Module & { _compile?: (code: string, path: string) => unknown } = new Module(path);
  stand.filename = path;
  // Node's own name for it; there is no public one.
  stand._compile?.('module.exports = (specifier, options) => import(specifier, options)', path);
  return stand.exports as Import;
}
