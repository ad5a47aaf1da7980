import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../support/paths.ts';

export interface Runtime {
  /** Such as `node22`. */
  readonly name: string;
  /** Path of its binary. */
  readonly path: string;
}

interface InstallModule {
  installRuntimes(): readonly Runtime[];
}

/** The Node that runs the tests, and the others that prefork supports; these are to be had for Linux on x64 alone. */
export async function allRuntimes(): Promise<readonly Runtime[]> {
  const own = { name: `node${process.versions.node.split('.')[0]}`, path: process.execPath };
  if (process.platform !== 'linux' || process.arch !== 'x64') return [own];
  const url = pathToFileURL(join(root, 'tools', 'runtimes', 'install.mjs')).href;
  const install = (await import(url)) as InstallModule;
  return [own, ...install.installRuntimes().filter(({ name }) => name !== own.name)];
}
