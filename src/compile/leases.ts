import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeAtomically } from './write-atomically.ts';

/** The running build and the one before it, whose workers may still drain after a reload. */
const BUILDS_KEPT = 2;

const held = new Map<string, readonly string[]>();

/**
 * Tells other servers, which prune the same cache, that this process goes on starting workers from a build. Ends with the
 * process, or two builds later.
 */
export async function holdBuild(serversFolder: string, entry: string, buildFolder: string): Promise<void> {
  const name = basename(buildFolder);
  const others = (held.get(entry) ?? []).filter((other) => other !== name);
  held.set(entry, [name, ...others].slice(0, BUILDS_KEPT));
  await writeAtomically(join(serversFolder, `${process.pid}.json`), JSON.stringify([...held.values()].flat()));
}

/** Names of the builds that living processes hold. What dead ones left behind is removed. */
export async function heldBuilds(serversFolder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of await readdir(serversFolder)) {
    const path = join(serversFolder, file);
    const pid = Number(/^(\d+)\.json$/.exec(file)?.[1]);
    if (Number.isInteger(pid) && isAlive(pid)) {
      for (const name of await readNames(path)) names.add(name);
    } else if (Number.isInteger(pid)) {
      await rm(path, { force: true });
    }
  }
  return names;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to someone else by now.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function readNames(path: string): Promise<string[]> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(json) ? json.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
