import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A user's project on disk, which goes with its test. */
export interface Project {
  readonly folder: string;
  readonly cacheDir: string;
  /** Absolute path of a file of the project. */
  path(name: string): string;
  write(name: string, text: string): Promise<void>;
}

/** @param files text by path; a package.json of an ES module is added where there is none */
export async function createProject(t: TestContext, files: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'prefork-test-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const project: Project = {
    folder,
    cacheDir: join(folder, '.cache'),
    path: (name) => join(folder, name),
    write: async (name, text) => {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    },
  };
  const all = { 'package.json': '{ "type": "module" }', ...files };
  for (const [name, text] of Object.entries(all)) await project.write(name, text);
  return project;
}
