/** Node's cluster module, as many processes as there are CPUs. */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { listen } from '../listen.mjs';
import { decide } from '../prime.mjs';

if (cluster.isPrimary) {
  for (let index = 0; index < availableParallelism(); index += 1) cluster.fork();
} else {
  listen(decide);
}
