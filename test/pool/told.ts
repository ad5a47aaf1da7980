import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
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

/**
 * Has calls of `waits` given up, until the function has heard of one, which it says in a file: one that a crowded machine does not let come to it within
 * half a second is ended before it can. @returns what it heard
 */
export async function untilHeard({ file }: Told, giveUp: (name: string) => Promise<void>): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    assert.ok(tries <= 5, 'the function never hears of it');
    await giveUp(`begun${tries}`);
    const heard = file(`begun${tries}.heard`);
    const isHeard = await until(() => existsSync(heard) && readFileSync(heard, 'utf8') !== '', {
      describe: 'the function to hear of it',
      withinMs: 5000,
    }).catch(() => false);
    if (isHeard) return readFileSync(heard, 'utf8');
  }
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
