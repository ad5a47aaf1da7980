import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ModuleStore, StoredModule } from './module-store.ts';
import type { Reference } from './module-text.ts';
import { PackageTypes } from './package-type.ts';
import { type Resolution, Resolver } from './resolve.ts';
import { isInPackages, sourceKindOf } from './source-kind.ts';
import { Tsconfigs } from './tsconfig.ts';

export interface GraphModule extends StoredModule {
  /** Absolute real path of the source. */
  readonly path: string;
  readonly links: readonly Link[];
}

export interface Link {
  readonly reference: Reference;
  readonly target: Resolution;
}

export interface Graph {
  /** Every module of the user's own that was read, by path. */
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** Every file that the result depends on: modules, JSON, tsconfig.json. Not what is in packages. */
  readonly files: readonly string[];
}

/** Files read at once: enough to keep the disk busy, few enough for any limit of open files. */
const WAVE_SIZE = 16;

/**
 * Reads and compiles the entry and all that it reaches by constant specifiers, short of packages.
 *
 * @param texts what is taken to be in files, whatever is
 * @throws PreforkError ERR_HANDLER_LOAD when a file can't be compiled
 */
export async function walkGraph(entry: string, store: ModuleStore, texts?: ReadonlyMap<string, string>): Promise<Graph> {
  const tsconfigs = new Tsconfigs();
  const resolver = new Resolver(tsconfigs);
  const packageTypes = new PackageTypes();
  const modules = new Map<string, GraphModule>();
  const files = new Set<string>([entry]);
  let waiting = [entry];

  const readModule = async (path: string): Promise<GraphModule> => {
    const tsconfig = sourceKindOf(path) === 'compiled' ? tsconfigs.of(path) : undefined;
    if (tsconfig !== undefined && tsconfig.path !== null) files.add(tsconfig.path);
    const [text, packageType] = await Promise.all([texts?.get(path) ?? readFile(path, 'utf8'), packageTypes.of(dirname(path))]);
    const stored = await store.load({ path, text, packageType, transform: tsconfig?.transform ?? {} });
    const links = stored.text.references.map((reference) => ({ reference, target: resolver.resolve(path, reference) }));
    return { ...stored, path, links };
  };

  while (waiting.length > 0) {
    const wave = waiting.slice(0, WAVE_SIZE);
    waiting = waiting.slice(WAVE_SIZE);
    for (const module of await Promise.all(wave.map(readModule))) {
      modules.set(module.path, module);
      for (const { target } of module.links) {
        if (target.type !== 'file' || files.has(target.path)) continue;
        const kind = sourceKindOf(target.path);
        if (isInPackages(target.path) && kind !== 'compiled') continue;
        files.add(target.path);
        if (kind !== 'other') waiting.push(target.path);
      }
    }
  }
  return { modules, files: [...files].toSorted() };
}
