import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';

/** Another build of prefork beside the present one, as the results tell of it. */
export interface BeforeEntry {
  /** What git knows it by, such as a tag; null for a folder. */
  readonly reference: string | null;
  readonly commit: string | null;
  readonly version: string;
  /** From the project where it is in there, else as it was given. */
  readonly folder: string;
}

/** The same, to be measured. */
export interface Before {
  readonly entry: BeforeEntry;
  /** Where it is, absolute. */
  readonly path: string;
}

/** What `contender` is called when it is the one of the build before. */
export function nameBefore(contender: string): string {
  return `${contender}, before`;
}

/** `v0.1.0, 0.1.0, 0123456789`: as far as it is known. */
export function showBefore({ reference, version, commit, folder }: BeforeEntry): string {
  if (commit === null) return `${version} in ${folder}`;
  return [...new Set([reference ?? commit, version, shortOf(commit)])].join(', ');
}

/** As many digits as `git describe` has in the versions of the results. */
export function shortOf(commit: string): string {
  return commit.slice(0, 10);
}

/** A build in a folder that was looked at. @param given how the one who asked for it named the folder */
export function beforeAt(path: string, given: string, root: string, from: { reference: string; commit: string } | null): Before {
  const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version?: unknown };
  const inside = relative(root, path);
  const isInside = !inside.startsWith('..') && !isAbsolute(inside);
  return {
    path,
    entry: {
      reference: from?.reference ?? null,
      commit: from?.commit ?? null,
      version: typeof version === 'string' ? version : 'unknown',
      folder: isInside ? inside || '.' : given,
    },
  };
}
