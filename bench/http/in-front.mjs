/** node:http in front of a pool: the body of a request is collected, handed over, and the answer sent. */
import { createServer } from 'node:http';
import { send } from './handler.mjs';

/** @param run gets `{ path, body }`, gives a promise of text or bytes */
export function listenFor(run) {
  createServer((request, response) => {
    const parts = [];
    request.on('data', (chunk) => parts.push(chunk));
    request.on('end', () => {
      const body = parts.length === 0 ? null : join(parts);
      run({ path: request.url, body }).then(
        (answer) => send(response, answer),
        (error) => {
          response.writeHead(500);
          response.end(String(error));
        },
      );
    });
  }).listen(Number(process.env.PORT), '127.0.0.1');
}

/** Into memory of its own, which can be moved to a thread. */
function join(parts) {
  const body = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
