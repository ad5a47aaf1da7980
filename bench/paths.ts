import { fileURLToPath } from 'node:url';

/** The room itself: this file runs as `bench/.build/js/paths.js`. */
export const BENCH_FOLDER = fileURLToPath(new URL('../../', import.meta.url));

/** The project. */
export const ROOT_FOLDER = fileURLToPath(new URL('../../../', import.meta.url));
