/**
 * One heavy route of an h3 app:
 *
 *     npm run build && node examples/offload/h3.js
 */
import { createServer } from 'node:http';
import { H3, toNodeHandler } from 'h3';
import { offload } from 'prefork';

const app = new H3();
app.get('/', () => 'never blocked\n');
app.get('/report', offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 }));

const server = createServer(toNodeHandler(app));
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}/report`);
});
