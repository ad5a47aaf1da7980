/** The same two functions, asked for over HTTP. */
import { next, spin } from './spin.mjs';

export default function handler(request) {
  const { pathname, searchParams } = new URL(request.url);
  const argument = searchParams.get('argument');
  return Response.json(pathname === '/spin' ? spin(argument) : next(Number(argument)));
}
