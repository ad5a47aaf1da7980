/**
 * Which build of prefork is measured beside the present one: what `--before` names, or the last release. A folder is taken as it is; a reference of git is
 * checked out and built first.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type Before, beforeAt, showBefore } from './before.ts';
import { checkOut } from './check-out.ts';
import { Repository } from './git.ts';

const NONE = 'none';
const WHAT_TO_DO = '--before WHAT names a build, such as HEAD~10 or a folder, and --before none asks for none';

type Say = (line: string) => void;

/** What `--before` names is nothing to be measured. */
export class WrongBefore extends Error {}

/**
 * @param what the value of `--before`; undefined where it is not set, for the last release
 * @returns null when the present build is measured alone
 * @throws WrongBefore for what names no build, Error for what can not be built
 */
export async function chooseBefore(what: string | undefined, root: string, say: Say): Promise<Before | null> {
  if (what === NONE) return null;
  const before = what === undefined ? await lastRelease(root, say) : await named(what, root, say);
  if (before !== null) say(`before: ${showBefore(before.entry)}, beside each contender of ours`);
  return before;
}

/** Nobody asked for it: what is missing is told, and is no fault. */
async function lastRelease(root: string, say: Say): Promise<Before | null> {
  const repository = Repository.open(root);
  const tag = typeof repository === 'string' ? undefined : repository.lastRelease();
  if (typeof repository === 'string' || tag === undefined) {
    say(
      `before: ${typeof repository === 'string' ? repository : 'found no tag v* that HEAD comes after'}, so no release is measured; ${WHAT_TO_DO}`,
    );
    return null;
  }
  try {
    return await fromReference(tag, repository, say);
  } catch (error) {
    say(`before: the release ${tag} is not measured, as it can not be built; ${WHAT_TO_DO}: ${(error as Error).message}`);
    return null;
  }
}

async function named(what: string, root: string, say: Say): Promise<Before> {
  const path = resolve(what);
  if (what !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    checkFolder(path, what);
    return beforeAt(path, what, root, null);
  }
  const expected = 'expected the folder of a built prefork, or a tag, branch or commit of this repository';
  const repository = Repository.open(root);
  if (typeof repository === 'string')
    throw new WrongBefore(`--before: found no folder "${what}", and ${repository}; ${expected}`);
  if (what === '' || repository.commitOf(what) === undefined)
    throw new WrongBefore(`--before: found "${what}", ${expected}, or none`);
  return fromReference(what, repository, say);
}

async function fromReference(reference: string, repository: Repository, say: Say): Promise<Before> {
  const { root } = repository;
  const commit = repository.commitOf(reference);
  if (commit === undefined) throw new Error(`${reference} is no commit`);
  const folder = await checkOut(root, commit, say);
  return beforeAt(folder, folder, root, { reference, commit });
}

function checkFolder(path: string, what: string): void {
  const { name, dependencies } = manifestIn(path);
  const expected = 'expected that of a built prefork; a reference of git with the name of a folder is heads/NAME or tags/NAME';
  if (name !== 'prefork') {
    const found = typeof name === 'string' ? `of the package "${name}"` : 'without a package.json that has a name';
    throw new WrongBefore(`--before: found the folder "${what}" ${found}, ${expected}`);
  }
  if (!existsSync(join(path, 'dist', 'index.js')))
    throw new WrongBefore(
      `--before: found no dist/index.js in "${what}", expected a prefork that is built: run npm run build there`,
    );
  // An archive that was unpacked has none of its packages.
  const missing = Object.keys(dependencies ?? {}).find((needed) => !hasPackage(path, needed));
  if (missing !== undefined)
    throw new WrongBefore(
      `--before: found no package ${missing} for "${what}", expected all that it depends on: run npm install --omit=dev there, or name the node_modules/prefork of a folder in which a release is installed`,
    );
}

function hasPackage(path: string, name: string): boolean {
  const places = createRequire(join(path, 'package.json')).resolve.paths(name) ?? [];
  return places.some((place) => existsSync(join(place, name)));
}

interface Manifest {
  readonly name?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

function manifestIn(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return {};
  }
}
