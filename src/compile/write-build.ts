import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ownFile } from '../config/own-file.ts';
import { linkModule } from './link.ts';
import type { Graph, GraphModule } from './walk.ts';

/** Raise it whenever the same compiled modules would be linked to something else. */
const LINK_VERSION = 1;

/** The part of the compiler that runs in workers. It is named, never imported; it is TypeScript where this file is. */
function scopeUrl(): string {
  return ownFile(`worker/typescript-scope${extname(import.meta.url) === '.ts' ? '.ts' : '.js'}`).href;
}

export interface Build {
  /** Absolute folder of the linked modules. */
  readonly folder: string;
  /** Absolute path of the list of them that workers read. */
  readonly manifest: string;
  /** Whether this call wrote it. */
  readonly fresh: boolean;
}

/**
 * Links the modules of a graph into a folder of their own, named by its content, and writes it unless it is there already.
 * The folder appears all at once, so that several servers may do the same at the same time.
 *
 * @param paths of the modules that are to be in it, sorted
 * @returns null when no module needs it, and Node can load the entry as it is
 * @throws PreforkError ERR_HANDLER_LOAD when an import leads nowhere
 */
export async function writeBuild(
  buildsFolder: string,
  entry: string,
  graph: Graph,
  paths: readonly string[],
): Promise<Build | null> {
  if (!paths.includes(entry)) return null;
  const linked = paths.flatMap((path) => graph.modules.get(path) ?? []);
  const folder = join(buildsFolder, nameOf(entry, linked));
  const urls = new Map(linked.map((module, index) => [module.path, pathToFileURL(join(folder, fileNameOf(module, index))).href]));
  const targets = { cachedUrl: (path: string) => urls.get(path), scopeUrl: scopeUrl() };
  const texts = new Map(linked.map((module, index) => [fileNameOf(module, index), linkModule(module, targets)]));
  const modules = Object.fromEntries([...urls].map(([path, url]) => [pathToFileURL(path).href, url]));
  texts.set('manifest.json', JSON.stringify({ source: pathToFileURL(entry).href, entry: urls.get(entry), modules }));
  const build = { folder, manifest: join(folder, 'manifest.json') };
  if (await isComplete(folder, texts)) {
    const now = new Date();
    await utimes(folder, now, now);
    return { ...build, fresh: false };
  }
  await writeFolder(folder, texts);
  return { ...build, fresh: true };
}

function nameOf(entry: string, linked: readonly GraphModule[]): string {
  const parts = linked.map(({ path, key, links }) => [path, key, links.map(({ target }) => target)]);
  return createHash('sha256')
    .update(JSON.stringify([LINK_VERSION, scopeUrl(), entry, parts]))
    .digest('hex')
    .slice(0, 40);
}

/** The number keeps names apart, the rest is for people who look into the folder. */
function fileNameOf({ path, text }: GraphModule, index: number): string {
  return `${index}-${basename(path, extname(path))}${text.format === 'module' ? '.mjs' : '.cjs'}`;
}

/** After a loss of power a file can be there and empty. */
async function isComplete(folder: string, texts: ReadonlyMap<string, string>): Promise<boolean> {
  const sizes = [...texts].map(async ([name, text]) => (await stat(join(folder, name))).size === Buffer.byteLength(text));
  return (await Promise.all(sizes).catch(() => [false])).every(Boolean);
}

async function writeFolder(folder: string, texts: ReadonlyMap<string, string>): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(draft, { mode: 0o700 });
  try {
    await Promise.all([...texts].map(([name, text]) => writeFile(join(draft, name), text, { mode: 0o600 })));
    await publish(draft, folder, texts);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function publish(draft: string, folder: string, texts: ReadonlyMap<string, string>): Promise<void> {
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another server was faster, with the same files; or an incomplete folder is in the way.
    if (await isComplete(folder, texts)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder).catch(() => {
      throw error;
    });
  }
}
