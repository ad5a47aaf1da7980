import { readFileSync } from 'node:fs';

/** What the primary compiled ahead of time. All strings are `file:` URLs. */
export interface Manifest {
  /** The user's own file. */
  readonly source: string;
  /** What to import in its place. */
  readonly entry: string;
  /** Where the code of each source is. */
  readonly modules: ReadonlyMap<string, string>;
}

const known = new Map<string, Manifest>();

/** Reads the list that lies beside the compiled modules, once a process. */
export function readManifest(path: string): Manifest {
  const seen = known.get(path);
  if (seen !== undefined) return seen;
  const manifest = decode(path, JSON.parse(readFileSync(path, 'utf8')));
  known.set(path, manifest);
  return manifest;
}

function decode(path: string, json: unknown): Manifest {
  if (typeof json === 'object' && json !== null && 'source' in json && 'entry' in json && 'modules' in json) {
    const { source, entry, modules } = json;
    if (typeof source === 'string' && typeof entry === 'string' && typeof modules === 'object' && modules !== null) {
      const pairs = Object.entries(modules).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
      return { source, entry, modules: new Map(pairs) };
    }
  }
  throw new Error(
    `${path}: found no list of compiled modules, expected the one that this prefork wrote: remove its folder and start again`,
  );
}

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.jsx', '/index.ts', '/index.tsx', '/index.mts', '/index.cts'];
const FOR_JAVASCRIPT: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
};

/** The compiled module for a source's URL, or for one that TypeScript takes for it, such as `x.js` or `x` for `x.ts`. */
export function findCompiled({ modules }: Manifest, url: string): string | undefined {
  for (const ending of ENDINGS) {
    const found = modules.get(url + ending);
    if (found !== undefined) return found;
  }
  const [extension = ''] = /\.[cm]?jsx?$/.exec(url) ?? [];
  const stem = url.slice(0, url.length - extension.length);
  for (const other of FOR_JAVASCRIPT[extension] ?? []) {
    const found = modules.get(stem + other);
    if (found !== undefined) return found;
  }
  return undefined;
}
