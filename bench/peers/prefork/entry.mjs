/** The handler that prefork serves: the same work and the same answer as the peers'. */
import { decide, readNumber } from '../prime.mjs';

export const config = { deadline: '5m' };

export default function answer(request) {
  return Response.json(decide(readNumber(request.url)));
}
