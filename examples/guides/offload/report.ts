import { offloaded } from 'prefork/worker';

export default function report(request: Request): Response {
  const { params, query, context } = offloaded(request);
  if (params['year'] === '1582') throw new RangeError('ten days of that year are missing');
  return Response.json({ year: params['year'], to: query['to'], context, pid: process.pid });
}
