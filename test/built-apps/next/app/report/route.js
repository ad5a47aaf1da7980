/**
 * A heavy route handler of Next, `app/report/route.js`: Next calls it with a Request. The module is named by its path from where the app is
 * started: of `new URL(…, import.meta.url)` the bundler makes a copy of that one file, without those that it imports.
 * `serverExternalPackages: ['prefork']` belongs in next.config.
 */
import { offload } from 'prefork';

export const GET = offload('examples/offload/report.ts', { deadline: '30s', max: 4 });
