import { json } from '@sveltejs/kit';

const tell = ({ request, url, locals, getClientAddress }) =>
  json({ method: request.method, url: url.href, headers: [...request.headers.keys()], ip: getClientAddress(), user: locals.user });

export const GET = tell;
export const POST = tell;
export const fallback = tell;
