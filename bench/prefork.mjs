/**
 * The prefork that is measured: the present build, or the one of the folder in PREFORK_BENCH_FOLDER (see builds.ts). No other program here knows where
 * prefork is.
 */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = process.env.PREFORK_BENCH_FOLDER ?? fileURLToPath(new URL('..', import.meta.url));

export const { createPool, serve } = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);

/** For what starts it as a command. */
export const command = join(folder, 'bin', 'prefork.js');
