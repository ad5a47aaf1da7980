/** The handler that prefork serves: the same work and the same answer as the peers', written for node:http like theirs. */
import { decide, readNumber } from '../prime.mjs';

export const config = { deadline: '5m' };

export default function answer(request, response) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(decide(readNumber(request.url))));
}
