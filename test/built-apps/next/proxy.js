import { NextResponse } from 'next/server';

// What was called middleware before Next 16.
export function proxy(request) {
  if (request.nextUrl.pathname === '/guarded') return NextResponse.redirect(new URL('/api/who', request.url));
  const headers = new Headers(request.headers);
  headers.set('x-from-proxy', 'seen');
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('x-proxy', 'seen');
  response.cookies.set('proxied', 'yes');
  return response;
}

export const config = { matcher: ['/guarded', '/api/who', '/stream'] };
