/**
 * Reloads the server when a file of its handler changes: what `--watch` does, for development. It watches folders, since many editors save by
 * putting another file in the place of the old one. Code that does not boot is said in the log, and the next save is the next try.
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { messageOf } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';

/** A save comes as several events, and several files are often saved together. */
const QUIET_MS = 100;
/** What a handler is written in. After a failure any such file counts: the one that was missing is in no list. */
const SOURCES: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx']);

export interface Reloaded {
  reload(): Promise<unknown>;
  readonly closed: Promise<unknown>;
}

/** Absolute paths of the files that matter now. */
export interface WatchedFiles {
  readonly files: readonly string[];
}

export function reloadOnChange(server: Reloaded, source: WatchedFiles): void {
  let watchers: readonly FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  let closed = false;

  const onEvent = (folder: string, name: string | null): void => {
    if (name === null || !matters(join(folder, name))) return;
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), QUIET_MS);
  };
  const matters = (path: string): boolean =>
    source.files.includes(path) || (hasFailed && SOURCES.has(extname(path)) && !basename(path).startsWith('.'));

  const reload = async (): Promise<void> => {
    try {
      await server.reload();
      hasFailed = false;
    } catch {
      // It is in the log.
      hasFailed = true;
    }
    if (!closed) watchFolders();
  };

  /** Anew each time: folders come and go with imports, and one that was put in the place of another has to be watched again. */
  const watchFolders = (): void => {
    const before = watchers;
    watchers = [...new Set(source.files.map((path) => dirname(path)))].flatMap((folder) => watchFolder(folder) ?? []);
    for (const watcher of before) watcher.close();
  };

  const watchFolder = (folder: string): FSWatcher | undefined => {
    try {
      const watcher = watch(folder, { persistent: false }, (_type, name) => onEvent(folder, name));
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (error) {
      publish({
        type: 'server:notice',
        message: `changes in ${folder} are not seen, the system refused it: ${messageOf(error)}`,
      });
      return undefined;
    }
  };

  watchFolders();
  void server.closed.then(() => {
    closed = true;
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  });
}
