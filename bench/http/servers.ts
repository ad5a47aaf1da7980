import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { commandOf, PRESENT_BUILD } from '../builds.ts';
import type { Contender, ContenderKind } from '../matrix/scenario.ts';
import type { Startable } from '../measure/running-peer.ts';
import { BENCH_FOLDER } from '../paths.ts';
import { fault, hasPackage } from '../peers/needs.ts';

/** A server with the handler of a folder of this bench. */
export type Server = Contender & Startable;

/** What serves `handler.mjs` of a folder beside this one: the file of that name in it, or prefork in a mode. */
export function serversOf(folder: string): {
  readonly own: (mode: 'pool' | 'thread' | 'cluster', what: string, ...flags: readonly string[]) => Server;
  readonly node: (name: string, kind: ContenderKind, what: string, packageName?: string) => Server;
} {
  const place = join(BENCH_FOLDER, folder);
  return {
    own: (mode, what, ...flags) => ({
      name: `prefork mode ${mode}`,
      kind: 'own',
      what: `prefork serve --mode ${mode}: ${what}`,
      missing: undefined,
      command: (port, build = PRESENT_BUILD) => ({
        file: process.execPath,
        args: [commandOf(build), 'serve', 'handler.mjs', '--mode', mode, '--port', `${port}`, ...flags],
        folder: place,
      }),
    }),
    node: (name, kind, what, packageName) => ({
      name,
      kind,
      what,
      missing: packageName === undefined ? undefined : fault(hasPackage(packageName)),
      command: () => ({ file: process.execPath, args: [`${name}.mjs`], folder: place }),
    }),
  };
}

export const CPUS = availableParallelism();
