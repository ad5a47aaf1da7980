/**
 * Binds the Unix socket of the admin API so that its owner alone can reach it: mode 0600, in a folder of ours that nobody else may enter, no
 * symbolic link followed. What dead servers left behind is cleared away; what lives is never touched.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import { socketPath } from './socket-folder.ts';

/** `sun_path` has 108 bytes (unix(7)) and ends with a zero byte; macOS has 104. */
const LONGEST_BYTES = process.platform === 'linux' ? 107 : 103;
/** One that does not answer within this time is alive, and busy. */
const PROBE_MS = 1000;

/**
 * Listens at the path that the operator chose.
 *
 * @returns the absolute path
 * @throws PreforkError ERR_LISTEN when it is too long, taken by a live server, no socket, or can not be written
 */
export async function listenAt(server: Server, chosen: string): Promise<string> {
  const path = resolve(chosen);
  checkLength(path);
  await clear(path);
  await bind(server, path);
  return path;
}

/**
 * Listens in the folder where the commands look for servers. A second server of this process gets a number.
 *
 * @returns the absolute path
 * @throws PreforkError ERR_LISTEN when the folder is not ours alone, or the socket can not be made
 */
export async function listenInFolder(server: Server, pid: number): Promise<string> {
  const first = socketPath(pid);
  const folder = dirname(first);
  checkLength(first);
  prepareFolder(folder);
  await clearDead(folder);
  for (let count = 1; ; count += 1) {
    const path = count === 1 ? first : join(folder, `${basename(first, '.sock')}-${count}.sock`);
    if (existsSync(path)) continue;
    await bind(server, path);
    return path;
  }
}

function checkLength(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= LONGEST_BYTES) return;
  throw refused(path, `its path has ${bytes} bytes, and a socket may have ${LONGEST_BYTES}; choose a shorter one with --socket`);
}

/** @throws PreforkError unless it is a folder of ours that nobody else may enter */
function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw refused(folder, `the folder can not be made: ${messageOf(error)}`);
  }
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) throw refused(folder, 'it is no folder; remove it, or choose another place with --socket');
  if (stats.uid !== process.getuid?.()) {
    throw refused(
      folder,
      `the folder belongs to user ${stats.uid}, who could read and answer in our place; choose another one with --socket`,
    );
  }
  if ((stats.mode & 0o077) === 0) return;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  throw refused(folder, `found mode ${mode}, expected 0700, with which nobody else may enter: chmod 700 ${folder}`);
}

/** Removes the sockets of servers that are gone. */
async function clearDead(folder: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sock'));
  await Promise.all(names.map((name) => removeIfDead(join(folder, name))));
}

/** @throws PreforkError unless nothing is there, or a socket on which nobody listens, which is removed */
async function clear(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw refused(path, 'something is there that is no socket; choose another path with --socket');
  if (await removeIfDead(path)) return;
  throw refused(path, 'another process listens there; end that one, or choose another path with --socket');
}

/** @returns false when somebody listens there, or it is not for us to know */
async function removeIfDead(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  // Not by the pid in its name: in another container it may be another process, and alive.
  const isDead = await new Promise<boolean>((settle) => {
    const socket = connect(path);
    socket.setTimeout(PROBE_MS, () => settle(false));
    socket.once('connect', () => settle(false));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED'));
    socket.once('close', () => settle(false));
    socket.once('timeout', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
  if (!isDead) return false;
  try {
    unlinkSync(path);
  } catch (error) {
    // Another server that starts was faster.
    return codeOf(error) === 'ENOENT';
  }
  return true;
}

async function bind(server: Server, path: string): Promise<void> {
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      // From its first moment on it is ours alone.
      underUmask(0o177, () => server.listen({ path, exclusive: true }));
      server.once('listening', () => {
        server.off('error', failed);
        listening();
      });
    });
    chmodSync(path, 0o600);
  } catch (error) {
    throw refused(path, `it can not be listened on: ${messageOf(error)}; choose another path with --socket`);
  }
}

/** A thread may not change what belongs to the whole process; there the mode that is set after has to do. */
function underUmask(mask: number, make: () => void): void {
  let before: number | undefined;
  try {
    before = process.umask(mask);
  } catch {
    // Not for us to change.
  }
  try {
    make();
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function refused(path: string, why: string): PreforkError {
  return new PreforkError('ERR_LISTEN', `the Unix socket of the admin API, ${path}: ${why}`);
}
