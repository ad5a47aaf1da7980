import { readFile, realpath } from 'node:fs/promises';
import { messageOf } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { loadCompiler } from './load-compiler.ts';

/**
 * Keeps plain JavaScript as it was read: when its files have changed since, or others are in their place, what was in them is linked into a build of its own, as
 * compiled code is. Data and packages are not part of it. Without a change there is nothing to do, and no compiler to load.
 *
 * @param entryPath as it was given, which may lead elsewhere by now; `entry` is where it led
 * @param texts what was in the files, by absolute path
 * @returns a function for `Prepared.freeze`
 */
export function freezeScripts(
  entryPath: string,
  entry: string,
  texts: ReadonlyMap<string, string>,
  cacheDir: string | undefined,
): () => Promise<string | null> {
  let frozen: (() => Promise<string | null>) | undefined;
  return async () => {
    if (frozen === undefined) {
      const isElsewhere = (await realpath(entryPath).catch(() => undefined)) !== entry;
      if (!isElsewhere && !(await haveChanged(texts))) return null;
      try {
        const { compileEntry } = await loadCompiler();
        const prepared = await compileEntry(entry, { cacheDir, texts });
        frozen = () => prepared.freeze();
      } catch (error) {
        publish({
          type: 'server:notice',
          message: `the code in force can not be kept beside its changed files: workers that are replaced load these (${messageOf(error)})`,
        });
        return null;
      }
    }
    return frozen();
  };
}

async function haveChanged(texts: ReadonlyMap<string, string>): Promise<boolean> {
  for (const [path, text] of texts) if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) return true;
  return false;
}
