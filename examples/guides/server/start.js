import { closeOnSignals, serve } from 'prefork';

const server = await serve({
  entry: new URL('./server.js', import.meta.url),
  port: Number(process.env.PORT ?? 8080),
  deadline: '10s',
});
closeOnSignals(server);
console.log(`listening on ${server.url}`);

const { lost } = await server.closed;
process.exitCode = lost > 0 ? 1 : 0;
