import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** What the fixture `as-told.mjs` can be told. */
export type Order = 'nothing' | 'load: loop' | 'load: wait' | 'load: throw' | 'load: exit' | 'teardown: loop' | 'teardown: wait';

export interface Told {
  /** The environment in which the fixture finds its orders. */
  readonly env: { readonly TOLD_FILE: string };
  /** What workers are to do from now on. */
  tell(order: Order): Promise<void>;
}

/** A place for orders to the fixture `as-told.mjs`; it is gone with the test. */
export async function told(t: TestContext): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'told-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const TOLD_FILE = join(folder, 'order');
  return { env: { TOLD_FILE }, tell: (order) => writeFile(TOLD_FILE, order) };
}
