import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { root } from './paths.ts';

/** Where the compiled sources are that the tests run. */
export const SOURCES = new URL('../../src/', import.meta.url).href;
const LOG_MODULES = pathToFileURL(join(root, 'test', 'fixtures', 'modules', 'log-modules.mjs')).href;

export interface ModuleLog {
  readonly execArgv: readonly string[];
  readonly env: { readonly MODULE_LOG: string };
  /** URLs so far; those of files below `src/` relative to it. */
  read(): string[];
}

/** A process that is started with these arguments and variables writes down which modules it imports. */
export async function moduleLog(t: TestContext): Promise<ModuleLog> {
  const file = join(await temporaryFolder(t, { modules: '' }), 'modules');
  return {
    execArgv: ['--import', LOG_MODULES],
    env: { MODULE_LOG: file },
    read: () => {
      const urls = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      return urls.filter((url) => url !== LOG_MODULES).map((url) => (url.startsWith(SOURCES) ? url.slice(SOURCES.length) : url));
    },
  };
}
