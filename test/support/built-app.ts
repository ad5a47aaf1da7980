import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.ts';

interface InstallModule {
  readonly builtApp: (name: string) => string;
}

/** The folder of an app of `test/built-apps`; the first call installs its framework, and builds it. */
export const { builtApp } = (await import(pathToFileURL(join(root, 'test', 'built-apps', 'install.mjs')).href)) as InstallModule;
