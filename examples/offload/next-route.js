/**
 * A heavy route handler of Next, `app/report/route.js`: Next calls it with a Request. Its bundler would take `new URL(…, import.meta.url)` for an
 * asset, so the module is named by its path from where the app is started. `serverExternalPackages: ['prefork']` belongs in next.config.
 */
import { offload } from 'prefork';

export const GET = offload('examples/offload/report.ts', { deadline: '30s', max: 4 });
