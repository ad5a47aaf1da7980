import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { isInPackages, sourceKindOf } from './source-kind.ts';

export interface QuickScan {
  /** Whether the entry may lead to a file that has to be compiled. */
  readonly mayNeedCompiler: boolean;
  /** The scripts that were read, the entry first, with what was in them. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Whatever is quoted and looks like a path to a sibling. Comments may match too, and then cost no more than a look at the disk. */
const RELATIVE_PATH = /(["'`])(\.{1,2}\/[^"'`\n\\${}]+)\1/g;

/** What Node tries in `require('./x')`, and what a TypeScript file may hide behind. */
const ENDINGS = ['', '.js', '.ts', '.tsx', '.jsx', '.cts', '.mts', '/index.js', '/index.ts', '/index.tsx'];

/**
 * Follows the relative paths in a JavaScript entry by text alone, without a parser or resolver, so that an app without TypeScript
 * pays for neither. A TypeScript file that is only reached through a package's name or an `imports` map is not seen.
 */
export async function quickScan(entry: string): Promise<QuickScan> {
  const texts = new Map<string, string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (texts.has(path) || isInPackages(path)) continue;
    if (sourceKindOf(path) === 'compiled') return { mayNeedCompiler: true, texts };
    const text = await read(path);
    if (text === undefined) continue;
    texts.set(path, text);
    for (const [, , relative] of text.matchAll(RELATIVE_PATH)) {
      if (relative !== undefined) waiting.push(...(await existing(join(dirname(path), relative), texts)));
    }
  }
  return { mayNeedCompiler: false, texts };
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function existing(path: string, seen: ReadonlyMap<string, string>): Promise<string[]> {
  if (sourceKindOf(path) !== 'other') return seen.has(path) || (await read(path)) === undefined ? [] : [path];
  if (extname(path) === '.json') return [];
  for (const ending of ENDINGS) {
    const candidate = path + ending;
    if (sourceKindOf(candidate) !== 'other' && (await read(candidate)) !== undefined) return [candidate];
  }
  return [];
}
