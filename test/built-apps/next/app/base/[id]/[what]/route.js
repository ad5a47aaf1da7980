import { offload } from 'prefork';

// The path is one from where the app is started.
const route = offload('test/fixtures/offload/report.mjs', { max: 2, context: (request) => ({ kind: typeof request }) });

export { route as GET, route as POST };
