import { extname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lilconfig, type Loader } from 'lilconfig';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { badOption } from './bad-option.ts';
import type { OptionName } from './options.ts';
import { readLayer, type Layer } from './read-layer.ts';

/** Loads a module by its absolute path and gives its namespace, as `import()` does. */
export type LoadModule = (path: string) => Promise<unknown>;

export interface ConfigFileLayer {
  /** Absolute. */
  readonly path: string;
  readonly layer: Layer;
  /** How errors name an option of the file. */
  readonly labelOf: (name: OptionName) => string;
}

const EXTENSIONS = ['.ts', '.js', '.mjs', '.json'];

/** Plain `import()`. Node 20 can not load TypeScript with it: who supports that passes another loader. */
export const importModule: LoadModule = (path) => import(pathToFileURL(path).href);

/**
 * Reads the config file: `path` when it is given, else the first of `prefork.config.{ts,js,mjs,json}` in `cwd`, and no
 * folder above it.
 *
 * @returns undefined when no path was given and there is no such file
 * @throws PreforkError ERR_BAD_OPTION when the file is missing, can't be loaded, exports no options or sets a wrong one
 */
export async function readConfigFile(
  cwd: string,
  path: string | undefined,
  loadModule: LoadModule,
): Promise<ConfigFileLayer | undefined> {
  const explorer = lilconfig('prefork', {
    cache: false,
    ignoreEmptySearchPlaces: false,
    loaders: loadersFor(cwd, loadModule),
    searchPlaces: EXTENSIONS.map((extension) => `prefork.config${extension}`),
    stopDir: cwd,
  });
  const search = path === undefined ? explorer.search(cwd) : explorer.load(resolved(cwd, path));
  const found = await search.catch(rethrow);
  if (found === null) return undefined;
  const label = relative(cwd, found.filepath);
  const labelOf = (name: OptionName): string => `${label}, ${name}`;
  const raw: unknown = found.isEmpty === true ? {} : found.config;
  return { path: found.filepath, layer: readLayer(raw, label, labelOf, ['config']), labelOf };
}

function resolved(cwd: string, path: string): string {
  if (EXTENSIONS.includes(extname(path))) return resolve(cwd, path);
  throw badOption('config file', path, `a file that ends in ${EXTENSIONS.join(', ')}`);
}

/** What the loaders throw says enough; the rest is the file system's, such as ENOENT, and names the path itself. */
function rethrow(error: unknown): never {
  throw error instanceof PreforkError ? error : unreadable('config file', error);
}

function loadersFor(cwd: string, loadModule: LoadModule): Record<string, Loader> {
  const fromModule: Loader = async (path) => {
    const label = relative(cwd, path);
    let namespace: unknown;
    try {
      namespace = await loadModule(path);
    } catch (error) {
      throw unreadable(label, error);
    }
    if (typeof namespace === 'object' && namespace !== null && 'default' in namespace) return namespace.default;
    throw new PreforkError('ERR_BAD_OPTION', `${label}: found no default export, expected export default defineConfig({ ... })`);
  };
  const fromJson: Loader = (path, content) => {
    try {
      // A byte order mark is no JSON, yet some editors write one.
      return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
    } catch (error) {
      throw unreadable(relative(cwd, path), error);
    }
  };
  return { '.ts': fromModule, '.js': fromModule, '.mjs': fromModule, '.json': fromJson };
}

function unreadable(label: string, cause: unknown): PreforkError {
  const reason = messageOf(cause).split('\n', 1)[0] ?? '';
  return new PreforkError('ERR_BAD_OPTION', `${label}: found a file that can not be loaded (${reason}), expected a config file`, {
    cause,
  });
}
