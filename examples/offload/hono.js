/**
 * One heavy route of a Hono app:
 *
 *     npm run build && node examples/offload/hono.js
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { offload } from 'prefork';

const app = new Hono();
app.get('/', (c) => c.text('never blocked\n'));
app.get('/report', offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 }));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`listening on http://localhost:${port}/report`);
});
