const tell = async (request) =>
  Response.json({
    method: request.method,
    url: request.url,
    from: request.headers.get('x-from-proxy'),
    forwarded: ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].map((name) => request.headers.get(name)),
    user: request.cookies.get('user')?.value ?? 'nobody',
    a: request.nextUrl.searchParams.getAll('a'),
  });

export { tell as GET, tell as POST, tell as PUT, tell as DELETE };
