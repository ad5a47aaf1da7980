import type { TestContext } from 'node:test';
import { resolveSettings, type Resolved, type ResolveInput } from '../../src/config/resolve.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const MACHINE = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };

export interface Given extends Partial<ResolveInput> {
  readonly file?: string;
}

/** Resolves in a folder with an `app.js` and perhaps a config file, on a machine where max is 16 by default. */
export async function resolve(t: TestContext, { file, ...given }: Given): Promise<Resolved & { folder: string }> {
  const files = { 'app.js': '', ...(file === undefined ? {} : { 'prefork.config.json': file }) };
  const folder = await temporaryFolder(t, files);
  const resolved = await resolveSettings({ options: { entry: 'app.js' }, env: {}, cwd: folder, machine: MACHINE, ...given });
  return { ...resolved, folder };
}

/** Passes on what only a caller without types could write. */
export function untyped(value: unknown): ResolveInput['options'] {
  return value as ResolveInput['options'];
}
