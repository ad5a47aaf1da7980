import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PreforkError } from '../errors/prefork-error.ts';

const HERE = /\/config\/own-file\.[jt]s$/;

/**
 * The URL of a file of prefork that is loaded by its name, such as the first file of a worker. When prefork was put into a bundle, these
 * files are not beside it: then they are those of the package that is installed.
 *
 * @param path relative to the folder of all rooms
 * @throws PreforkError ERR_NOT_SUPPORTED when they are nowhere
 */
export function ownFile(path: string): URL {
  const here = import.meta.url;
  if (HERE.test(here)) return new URL(`../${path}`, here);
  try {
    return new URL(`dist/${path}`, pathToFileURL(createRequire(here).resolve('prefork/package.json')));
  } catch (cause) {
    const found = `prefork: found its own code in the bundle ${here}, and no package prefork for the files of its workers`;
    throw new PreforkError('ERR_NOT_SUPPORTED', `${found}, expected it to be installed: leave it out of the bundle (external)`, {
      cause,
    });
  }
}
