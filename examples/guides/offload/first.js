import express from 'express';
import { offload } from 'prefork';

const app = express();
app.get('/report/:year', offload(new URL('./report.ts', import.meta.url), { deadline: '30s', max: 4 }));
const server = app.listen(Number(process.env.PORT ?? 3000));
server.on('listening', () => console.log(`listening on http://localhost:${server.address().port}/report/2026`));
