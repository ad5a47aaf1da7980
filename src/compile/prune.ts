import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { heldBuilds } from './leases.ts';

/** What is kept of a room of the cache beyond what is in use. */
export interface PruneLimits {
  /** The youngest entries that are kept in any case. */
  readonly keepCount: number;
  /** Entries younger than this are kept in any case, ms: a server on another machine, whose process can't be seen, may start from them. */
  readonly keepMs: number;
}

const BUILDS: PruneLimits = { keepCount: 64, keepMs: 3_600_000 };
const MODULES: PruneLimits = { keepCount: 4_096, keepMs: 3_600_000 };

/** Removes old builds that no living server holds, and old compiled modules, which any server can make again. */
export async function pruneCache(
  cacheFolder: string,
  builds: PruneLimits = BUILDS,
  modules: PruneLimits = MODULES,
): Promise<void> {
  const held = await heldBuilds(join(cacheFolder, 'servers'));
  await pruneRoom(join(cacheFolder, 'builds'), builds, held);
  await pruneRoom(join(cacheFolder, 'modules'), modules, new Set());
}

async function pruneRoom(folder: string, { keepCount, keepMs }: PruneLimits, held: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= keepCount) return;
  const entries = await Promise.all(names.map(async (name) => ({ name, changedMs: await changedMsOf(join(folder, name)) })));
  entries.sort((a, b) => b.changedMs - a.changedMs);
  const oldestKeptMs = Date.now() - keepMs;
  for (const { name, changedMs } of entries.slice(keepCount)) {
    if (changedMs < oldestKeptMs && !held.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Another server may prune at the same time: what is gone counts as oldest, and is removed without effect. */
async function changedMsOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
