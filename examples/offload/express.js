/**
 * One heavy route of an Express app:
 *
 *     npm run build && node examples/offload/express.js
 */
import express from 'express';
import { offload } from 'prefork';

const app = express();
app.get('/', (request, response) => response.send('never blocked\n'));
app.get('/report', offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 }));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}/report`);
});
