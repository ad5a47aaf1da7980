/** Node as it comes: one process that listens and answers. */
import { createServer } from 'node:http';
import handler from './handler.mjs';

createServer(handler).listen(Number(process.env.PORT), '127.0.0.1');
