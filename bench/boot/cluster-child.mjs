import { createServer } from 'node:http';

const { default: handler } = await import(`./handlers/${process.argv[2]}`);
createServer(handler).listen(0, '127.0.0.1');
