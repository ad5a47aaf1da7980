import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import * as v from 'valibot';
import type { Source } from './compile-source.ts';
import { type ModuleText, moduleText } from './module-text.ts';
import { writeAtomically } from './write-atomically.ts';

/** Raise it whenever the same source would be compiled or analysed to something else. */
const FORMAT_VERSION = 1;

export interface StoredModule {
  /** Hash of all that the text depends on. */
  readonly key: string;
  readonly text: ModuleText;
}

/** Keeps compiled files by their content, for all servers of a user; compiles what is not there yet. */
export class ModuleStore {
  readonly #folder: string;
  readonly #compiler = compilerVersions();
  /** Files that had to be compiled. */
  compiled = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws PreforkError ERR_HANDLER_LOAD when the source can't be compiled */
  async load(source: Source): Promise<StoredModule> {
    const key = this.#keyOf(source);
    const path = join(this.#folder, `${key}.json`);
    const stored = await read(path);
    if (stored !== undefined) return { key, text: stored };
    this.compiled += 1;
    // Where nothing has changed, the compiler is not even loaded.
    const { compileSource } = await import('./compile-source.ts');
    const text = await compileSource(source);
    await writeAtomically(path, JSON.stringify(text));
    return { key, text };
  }

  #keyOf({ path, text, packageType, transform }: Source): string {
    const parts = [FORMAT_VERSION, this.#compiler, extname(path), packageType, transform, text];
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
  }
}

/** A file that is missing, cut short or of another form is no more than a reason to compile. */
async function read(path: string): Promise<ModuleText | undefined> {
  try {
    const parsed = v.safeParse(moduleText, JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function compilerVersions(): string {
  const require = createRequire(import.meta.url);
  return ['oxc-transform', 'oxc-parser'].map((name) => versionOf(require(`${name}/package.json`))).join(' ');
}

function versionOf(manifest: unknown): string {
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}
