import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Prepared, prepareEntry } from '../../src/compile/prepare.ts';
import { root } from '../support/paths.ts';
import type { Project } from './project.ts';

const run = promisify(execFile);
const INSTALLER_URL = new URL('../../src/worker/typescript.js', import.meta.url).href;
const PREPARER_URL = new URL('../../src/compile/prepare.js', import.meta.url).href;

/** Prepares an entry here, loads it in a process of its own, as a worker would, and gives what its default export gave. */
export async function prepareAndLoad(project: Project, entry: string): Promise<unknown> {
  const { manifest } = await prepareEntry(project.path(entry), { cacheDir: project.cacheDir });
  return load(manifest, project.path(entry));
}

/** Loads a prepared entry in a process of its own; `stderr` must stay empty, for users see what a worker prints. */
export async function load(manifest: string | null, entryPath: string): Promise<unknown> {
  return runFixture('load.mjs', [INSTALLER_URL, manifest ?? 'none', entryPath]);
}

/** Prepares an entry in a process of its own. */
export async function prepareElsewhere(project: Project, entry: string): Promise<Prepared> {
  return (await runFixture('prepare.mjs', [PREPARER_URL, project.path(entry), project.cacheDir])) as Prepared;
}

async function runFixture(name: string, args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await run(process.execPath, [join(root, 'test', 'fixtures', 'typescript', name), ...args]);
  if (stderr !== '') throw new Error(`${name} printed to stderr: ${stderr}`);
  const value: unknown = JSON.parse(stdout);
  return value;
}
