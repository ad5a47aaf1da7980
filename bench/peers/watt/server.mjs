/** Watt: worker threads, as many as there are CPUs; the server is plain node:http, made by what Watt calls. */
import { createServer } from 'node:http';
import { decide, readNumber } from '../prime.mjs';

export function create() {
  return createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(decide(readNumber(request.url ?? '/'))));
  });
}
