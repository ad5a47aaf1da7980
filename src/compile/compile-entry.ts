import { join } from 'node:path';
import { openCacheFolder } from './cache-folder.ts';
import { holdBuild } from './leases.ts';
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
}

/** Walks, compiles and links an entry. In a file of its own because loading the compiler takes longer than a plain server's start. */
export async function compileEntry(entry: string, cacheDir: string | undefined): Promise<Prepared> {
  const cache = await openCacheFolder(cacheDir);
  const store = new ModuleStore(join(cache.path, 'modules'));
  const graph = await walkGraph(entry, store);
  const build = await writeBuild(join(cache.path, 'builds'), entry, graph);
  if (build === null) return { manifest: null, files: graph.files, compiled: store.compiled };
  await holdBuild(join(cache.path, 'servers'), entry, build.folder);
  if (build.fresh) await pruneCache(cache.path);
  return { manifest: build.manifest, files: graph.files, compiled: store.compiled };
}
