import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BENCH_FOLDER, ROOT_FOLDER } from '../paths.ts';

/** What a peer needs of the machine. */
export type Need =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'command'; readonly name: string }
  | { readonly kind: 'node'; readonly least: string };

export function hasPackage(name: string): Need {
  return { kind: 'package', name };
}

/** What is missing and how to get it, or undefined. */
export function fault(need: Need): string | undefined {
  switch (need.kind) {
    case 'package':
      return packageVersion(need.name) === undefined ? `${need.name} is not installed: bench/setup` : undefined;
    case 'command':
      return isOnPath(need.name) ? undefined : `${need.name} is not installed: bench/setup --references`;
    case 'node':
      return nodeFrom(need.least) === undefined
        ? `needs Node ${need.least}, found ${process.versions.node}: bench/setup --references`
        : undefined;
  }
}

/** The version of a package in bench/node_modules, or undefined. */
export function packageVersion(name: string): string | undefined {
  const path = join(BENCH_FOLDER, 'node_modules', name, 'package.json');
  if (!existsSync(path)) return undefined;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown };
  return typeof manifest.version === 'string' ? manifest.version : 'unknown';
}

/** A Node of the given version or newer: the one at hand, else the 22 that tools/runtimes installs for the tests. */
export function nodeFrom(least: string): string | undefined {
  if (isAtLeast(process.versions.node, least)) return process.execPath;
  const other = join(ROOT_FOLDER, 'tools/runtimes/node_modules/node22/bin/node');
  return existsSync(other) && isAtLeast(firstLineOf(other, ['-p', 'process.versions.node']) ?? '0', least) ? other : undefined;
}

/** The first line that a command prints, or undefined where there is no such command. */
export function firstLineOf(file: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0];
  } catch {
    return undefined;
  }
}

function isAtLeast(found: string, least: string): boolean {
  const [a, b] = [found, least].map((version) => version.split('.').map(Number));
  const index = a?.findIndex((part, place) => part !== b?.[place]) ?? -1;
  return index === -1 || (a?.[index] ?? 0) > (b?.[index] ?? 0);
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
