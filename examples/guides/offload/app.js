/**
 * An Express app with three routes of which none can block the others:
 *
 *     npm run build && node examples/guides/offload/app.js
 */
import express from 'express';
import { offload } from 'prefork';

const app = express();
app.get('/', (request, response) => response.send('never blocked\n'));

app.use((request, response, next) => {
  request.user = request.get('x-user');
  next();
});
const report = offload(new URL('./report.ts', import.meta.url), {
  deadline: '30s',
  max: 4,
  context: (request) => ({ user: request.user }),
});
app.get('/report/:year', report);

const heavy = offload(new URL('./heavy.ts', import.meta.url), { max: 2 });
app.get('/export', heavy);
app.get('/forever', heavy.with({ deadline: '1s' }));

app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  const { status = 500, code, cause, headers = {} } = error;
  console.error(code, cause?.message ?? error.message);
  response.status(status).set(headers).json({ code });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}/report/2026`);
});

process.once('SIGTERM', () => {
  server.close();
  void report.close();
  void heavy.close();
});
