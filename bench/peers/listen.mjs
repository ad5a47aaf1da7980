import { createServer } from 'node:http';
import { readNumber } from './prime.mjs';

/**
 * The server in front of each peer that brings none: plain node:http, nothing but the way to the peer.
 *
 * @param decide gets the number, gives `{ number, prime }` or a promise of it
 */
export function listen(decide) {
  const server = createServer((request, response) => {
    Promise.resolve(readNumber(request.url ?? '/'))
      .then(decide)
      .then(
        (decision) => send(response, 200, decision),
        (error) => send(response, 500, { error: String(error) }),
      );
  });
  server.listen(Number(process.env.PORT), '127.0.0.1');
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
