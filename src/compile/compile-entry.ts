import { join } from 'node:path';
import { openCacheFolder } from './cache-folder.ts';
import { holdBuild } from './leases.ts';
import { linkedPaths } from './linked-paths.ts';
import { ModuleStore } from './module-store.ts';
import { pruneCache } from './prune.ts';
import { walkGraph } from './walk.ts';
import { writeBuild } from './write-build.ts';

export interface Prepared {
  /** Path of what workers read in place of the entry; null when Node can load the entry as it is. */
  readonly manifest: string | null;
  /** Absolute paths of the user's own files that were found, for watching. */
  readonly files: readonly string[];
  /** How many files were compiled now, and not found in the cache. */
  readonly compiled: number;
  /**
   * The manifest of the code as it was prepared, for workers that boot when its files may be others; null when the files are the same still,
   * or can not be kept.
   */
  readonly freeze: () => Promise<string | null>;
}

export interface CompileOptions {
  readonly cacheDir: string | undefined;
  /** What was in files when they were read before, by absolute path. With it all of the user's own modules are put into the build. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** Walks, compiles and links an entry. In a file of its own because loading the compiler takes longer than a plain server's start. */
export async function compileEntry(entry: string, { cacheDir, texts }: CompileOptions): Promise<Prepared> {
  const cache = await openCacheFolder(cacheDir);
  const store = new ModuleStore(join(cache.path, 'modules'));
  const graph = await walkGraph(entry, store, texts);
  const linked = texts === undefined ? linkedPaths(graph) : [...graph.modules.keys()].toSorted();
  const build = await writeBuild(join(cache.path, 'builds'), entry, graph, linked);
  const { files } = graph;
  if (build === null) return { manifest: null, files, compiled: store.compiled, freeze: () => Promise.resolve(null) };
  const hold = (): Promise<void> => holdBuild(join(cache.path, 'servers'), entry, build.folder);
  await hold();
  if (build.fresh) await pruneCache(cache.path);
  const freeze = async (): Promise<string> => {
    // Builds of code that did not boot may have come since.
    await hold();
    return build.manifest;
  };
  return { manifest: build.manifest, files, compiled: store.compiled, freeze };
}
