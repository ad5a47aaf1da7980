import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runCommand } from '../measure/run-command.ts';
import { shortOf } from './before.ts';

/** In the project, and in none of its commits. */
const PLACE = join('bench', '.before');

/**
 * The folder of a commit, checked out and built with the packages of the present build: once, as it is there only when its build is complete. Git does not
 * learn of it.
 * @throws Error that says what did not work
 */
export async function checkOut(root: string, commit: string, say: (line: string) => void): Promise<string> {
  const place = join(root, PLACE);
  const folder = join(place, shortOf(commit));
  if (existsSync(folder)) return folder;
  say(`before: builds ${shortOf(commit)} in ${relative(root, folder)}, once`);
  const part = `${folder}.part`;
  const archive = `${folder}.tar`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    await runCommand('git', ['archive', '--format=tar', `--output=${archive}`, commit], root);
    await runCommand('tar', ['-xf', archive], part);
    symlinkSync(relative(part, join(root, 'node_modules')), join(part, 'node_modules'));
    await runCommand('npm', ['run', '--silent', 'build'], part);
    if (!existsSync(join(part, 'dist', 'index.js'))) throw new Error('npm run build: it made no dist/index.js');
    renameSync(part, folder);
  } finally {
    for (const left of [archive, part]) rmSync(left, { recursive: true, force: true });
  }
  return folder;
}
