import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The `type` of a package; `none` where it says nothing, and the syntax of each file decides. */
export type PackageType = 'module' | 'commonjs' | 'none';

/** Reads the `type` of the package.json nearest to a folder, once a folder. https://nodejs.org/api/packages.html#determining-module-system */
export class PackageTypes {
  readonly #known = new Map<string, Promise<PackageType>>();

  of(folder: string): Promise<PackageType> {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const found = this.#find(folder);
    this.#known.set(folder, found);
    return found;
  }

  async #find(folder: string): Promise<PackageType> {
    const own = await typeIn(join(folder, 'package.json'));
    if (own !== undefined) return own;
    const parent = dirname(folder);
    return parent === folder ? 'none' : this.of(parent);
  }
}

async function typeIn(path: string): Promise<PackageType | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const json: unknown = JSON.parse(text);
    const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
    return type === 'module' || type === 'commonjs' ? type : 'none';
  } catch {
    // Node names the broken file itself as soon as it loads anything beside it, and does it better.
    return 'none';
  }
}
