/**
 * One heavy route of an app on bare node:http:
 *
 *     npm run build && node examples/offload/node-http.js
 */
import { createServer } from 'node:http';
import { offload } from 'prefork';

const report = offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 });

const server = createServer((request, response) => {
  if (request.url.startsWith('/report')) void report(request, response);
  else response.end('never blocked\n');
});
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}/report`);
});
