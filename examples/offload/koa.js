/**
 * One heavy route of a Koa app:
 *
 *     npm run build && node examples/offload/koa.js
 */
import Koa from 'koa';
import { offload } from 'prefork';

const report = offload(new URL('report.ts', import.meta.url), { deadline: '30s', max: 4 });

const app = new Koa();
app.use((ctx, next) => (ctx.path === '/report' ? report(ctx) : next()));
app.use((ctx) => {
  ctx.body = 'never blocked\n';
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}/report`);
});
