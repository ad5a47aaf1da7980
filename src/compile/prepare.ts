/**
 * The door of this room, which turns TypeScript and JSX into JavaScript ahead of time. It runs in the primary, so that no worker
 * ever loads a compiler. It does not check types, bundle packages or watch files. It fails with an error that names file, line and
 * column. How and why: decision 0003.
 */
import { realpath } from 'node:fs/promises';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';
import type { Prepared } from './compile-entry.ts';
import { freezeScripts } from './freeze.ts';
import { loadCompiler } from './load-compiler.ts';
import { quickScan } from './quick-scan.ts';
import { sourceKindOf } from './source-kind.ts';

export type { Prepared };

export interface PrepareOptions {
  /** Folder for compiled code. Default `prefork` in `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheDir?: string;
}

/**
 * Compiles whatever an entry needs before Node can load it. An entry of plain JavaScript costs a few file reads; unchanged files
 * are never compiled again. Safe to call in several processes at once.
 *
 * @param entryPath absolute path of a .js, .mjs, .cjs, .ts, .mts, .cts, .tsx or .jsx file
 * @throws PreforkError ERR_ENTRY_NOT_FOUND; ERR_HANDLER_LOAD when a file can't be compiled or a static import leads nowhere;
 * ERR_BAD_OPTION when `cacheDir` is not safe to run code from
 */
export async function prepareEntry(entryPath: string, options: PrepareOptions = {}): Promise<Prepared> {
  const entry = await realpath(entryPath).catch((cause: unknown) => {
    const expected = 'expected the path of an existing file: correct it';
    throw new PreforkError('ERR_ENTRY_NOT_FOUND', `entry: found no file ${entryPath} (${messageOf(cause)}), ${expected}`, {
      cause,
    });
  });
  if (sourceKindOf(entry) !== 'compiled') {
    const { mayNeedCompiler, texts } = await quickScan(entry);
    if (!mayNeedCompiler) {
      const freeze = freezeScripts(entryPath, entry, texts, options.cacheDir);
      return { manifest: null, files: [...texts.keys()], compiled: 0, freeze };
    }
  }
  const { compileEntry } = await loadCompiler();
  return compileEntry(entry, { cacheDir: options.cacheDir });
}
