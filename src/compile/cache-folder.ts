import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';

/** Whoever can write here decides what workers run, so a folder that others own or may write to is never used. */
export interface CacheFolder {
  /** Absolute real path. */
  readonly path: string;
}

/**
 * Opens the folder for compiled code: the given one, else `prefork` in `$XDG_CACHE_HOME` or `~/.cache`, else, where that is not
 * safe or not writable, a new one under the temporary folder that goes when this process exits.
 *
 * @throws PreforkError ERR_BAD_OPTION when the given folder can't be used
 */
export async function openCacheFolder(given: string | undefined): Promise<CacheFolder> {
  if (given !== undefined) {
    try {
      return await openPrivate(resolve(given));
    } catch (cause) {
      const expected = 'expected a folder that this user owns and no one else can write to: choose another one';
      throw new PreforkError('ERR_BAD_OPTION', `cacheDir: found ${given} (${messageOf(cause)}), ${expected}`, { cause });
    }
  }
  try {
    return await openPrivate(join(userCache(), 'prefork'));
  } catch {
    return (temporary ??= createTemporary());
  }
}

/** https://specifications.freedesktop.org/basedir-spec/latest/: a relative path in the variable counts as none. */
function userCache(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  return configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
}

async function openPrivate(path: string): Promise<CacheFolder> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Not `recursive`: that would follow a link that someone put in the way, unseen by the check of the owner below.
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await checkOwner(dirname(path), 'parent');
  await checkOwner(path, 'own');
  return withRooms(await realpath(path));
}

async function checkOwner(path: string, role: 'parent' | 'own'): Promise<void> {
  const stats = role === 'own' ? await lstat(path) : await lstat(await realpath(path));
  if (!stats.isDirectory()) throw new Error(`${path} is no folder`);
  const user = process.getuid?.();
  // Windows has neither: there the profile folder is private by its access list.
  if (user === undefined) return;
  if (stats.uid !== user && !(role === 'parent' && stats.uid === 0)) throw new Error(`${path} belongs to user ${stats.uid}`);
  const othersWrite = (stats.mode & 0o022) !== 0;
  const sticky = (stats.mode & 0o1000) !== 0;
  if (othersWrite && !(role === 'parent' && sticky)) throw new Error(`others can write to ${path}`);
}

/** One a process, however often it compiles. */
let temporary: Promise<CacheFolder> | undefined;

async function createTemporary(): Promise<CacheFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'prefork-')));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return withRooms(path);
}

async function withRooms(path: string): Promise<CacheFolder> {
  await Promise.all(['modules', 'builds', 'servers'].map((room) => mkdir(join(path, room), { recursive: true, mode: 0o700 })));
  return { path };
}
