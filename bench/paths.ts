import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file runs as `bench/.build/js/paths.js`, and in tests as `.test-build/bench/paths.js`. */
const UP = import.meta.url.endsWith('/.test-build/bench/paths.js') ? '../../' : '../../../';

/** The project. */
export const ROOT_FOLDER = fileURLToPath(new URL(UP, import.meta.url));

/** The room itself. */
export const BENCH_FOLDER = join(ROOT_FOLDER, 'bench');
