import { join } from 'node:path';
import { ROOT_FOLDER } from './paths.ts';

/** Which prefork `bench/prefork.mjs` gives to the programs of the bench. */
const VARIABLE = 'PREFORK_BENCH_FOLDER';

/** The folder of the present build: as every build, it has package.json, bin and dist. */
export const PRESENT_BUILD = ROOT_FOLDER;

/** The command of a build. */
export function commandOf(build: string): string {
  return join(build, 'bin', 'prefork.js');
}

/** What tells the programs of the bench to use this build. */
export function environmentFor(build: string): NodeJS.ProcessEnv {
  return { [VARIABLE]: build };
}

/** The same server from another build of prefork, where it is ours. */
export function fromBuild<Started extends { command(port: number, build?: string): unknown }>(
  server: Started,
  build: string,
): Started {
  return { ...server, command: (port: number) => server.command(port, build) };
}
