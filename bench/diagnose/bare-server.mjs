// A bare node:http server, with the watchdog of a worker beside it or without one: `node bare-server.mjs with|without`. Says "PORT RSS BOOT_MS" when it listens.
import { createServer } from 'node:http';
import { Socket } from 'node:net';

const began = performance.now();
if (process.argv[2] === 'with') {
  const { startWatchdog } = await import('../../dist/worker/start-watchdog.js');
  startWatchdog({ tickMs: 500 });
}
const server = createServer((request, response) => response.end('{"hello":"world"}'));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${server.address().port} ${performance.now()} ${performance.now() - began}\n`);
});
// The end of its parent is its own.
const parent = new Socket({ fd: 5 });
for (const event of ['error', 'close']) parent.on(event, () => process.kill(process.pid, 'SIGKILL'));
parent.resume();
