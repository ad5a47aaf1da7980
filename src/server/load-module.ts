import { pathToFileURL } from 'node:url';
import { prepareEntry } from '../compile/prepare.ts';

interface TypeScriptLoader {
  installTypeScript(manifest: string): Promise<string>;
}

/** Loads a module into this process that may be TypeScript: a config file. @throws what the module throws */
export async function loadModule(path: string): Promise<unknown> {
  const { manifest } = await prepareEntry(path);
  if (manifest === null) return import(pathToFileURL(path).href);
  const loader = (await import(new URL('../worker/typescript.js', import.meta.url).href)) as TypeScriptLoader;
  return import(await loader.installTypeScript(manifest));
}
