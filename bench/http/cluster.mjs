/** Node's cluster module, as many processes as there are CPUs. */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import handler from './handler.mjs';

if (cluster.isPrimary) {
  for (let index = 0; index < availableParallelism(); index += 1) cluster.fork();
} else {
  createServer(handler).listen(Number(process.env.PORT), '127.0.0.1');
}
