import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { until } from '../support/until.ts';

export interface Told {
  /** Path of a file in the folder. */
  readonly file: (name: string) => string;
  /** Resolves when the file is there. */
  readonly written: (name: string) => Promise<void>;
}

/** A folder in which functions say how far they are. */
export async function told(t: TestContext): Promise<Told> {
  const folder = await temporaryFolder(t, { empty: '' });
  const file = (name: string): string => join(folder, name);
  return {
    file,
    written: async (name) => {
      await until(() => existsSync(file(name)), { describe: `the file ${name}`, withinMs: 60_000 });
    },
  };
}
