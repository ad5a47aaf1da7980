/**
 * One heavy route of a Fastify app:
 *
 *     npm run build && node examples/offload/fastify.js
 */
import fastify from 'fastify';
import { offload } from 'prefork';

const app = fastify();
app.get('/', () => 'never blocked\n');
app.get('/report', offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 }));

await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`listening on http://localhost:${app.server.address().port}/report`);
