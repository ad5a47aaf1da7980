import { form, type BuiltApp, multipart, type OwnRequest, request, textOf } from './built-app-request.ts';

export const NEXT: BuiltApp = {
  folder: 'next',
  program: '.next/standalone/next/server.js',
  streamsByTime: true,
  random: /[\w-]{21}(?=[mv]")/g,
  routes: [
    '/',
    '/?a=b',
    '/stream?a=b%20c',
    '/form',
    '/cached',
    '/missing',
    '/throws',
    '/leave',
    '/params/one',
    '/params/%E2%82%AC',
    '/params/%ff',
    '/old/one',
    '/alias',
    '/guarded',
    '/api/who?a=b&a=c&d',
    '/api/events',
    '/api/cookies',
    '/api/redirect',
    '/api/redirect?to=/a%20b',
    '/api/throws',
    '/lines.txt',
    '/square.png',
    '/none.txt',
    '/no/such/route',
    '/../package.json',
    '/%2e%2e/package.json',
    '//api/who',
    '/api/who/',
  ],
  bodies: ['/api/echo', '/api/echo', '/api/who', '/form', '/', '/no/such'],
  async own(pageOf) {
    const [home, page] = [await pageOf('/'), await pageOf('/form')];
    const chunk = /\/_next\/static\/chunks\/[^"]+\.js/.exec(home)?.[0] ?? 'none';
    const style = /\/_next\/static\/chunks\/[^"]+\.css/.exec(home)?.[0] ?? 'none';
    const action = /\$ACTION_ID_([0-9a-f]+)/.exec(page)?.[1] ?? 'none';
    return [...staticFiles(chunk, style), ...pages(), ...serverActions(action)];
  },
};

function staticFiles(chunk: string, style: string): OwnRequest[] {
  return [
    request(200, `GET ${chunk}`, ['Accept-Encoding: gzip']),
    request(206, `GET ${chunk}`, ['Range: bytes=10-19']),
    // An answer of Next, which takes it for a fault of its own.
    request(500, `GET ${chunk}`, ['Range: bytes=99999999-']),
    request(200, `HEAD ${style}`),
    request(304, `GET ${style}`, ['If-Modified-Since: Tue, 15 Nov 2044 12:45:26 GMT']),
    request(200, 'GET /_next/image?url=%2Fsquare.png&w=32&q=75', ['Accept: image/webp']),
    request(400, 'GET /_next/image?url=%2Fsquare.png&w=33&q=75'),
    request(400, 'GET /_next/image?url=https%3A%2F%2Fother.test%2Fa.png&w=32&q=75'),
  ];
}

/** As the browser asks when a link is followed or about to be: https://nextjs.org/docs/app/guides/prefetching */
function pages(): OwnRequest[] {
  return [
    request(307, 'GET /', ['RSC: 1']),
    request(200, 'GET /stream?a=b&_rsc=', ['Next-Router-Prefetch: 1']),
    request(200, 'GET /', ['Accept-Encoding: br, gzip']),
    request(200, 'GET /', ['User-Agent: Mozilla/5.0 (compatible; bingbot/2.0)']),
    request(200, 'GET /api/who', ['Cookie: user=me; proxied=no', 'X-From-Proxy: forged']),
    request(405, 'PATCH /api/who'),
    request(204, 'OPTIONS /api/who'),
  ];
}

function serverActions(action: string): OwnRequest[] {
  const origin = 'Origin: http://example.test';
  const fields = (name: string) => multipart(`name="$ACTION_ID_${action}"\r\n\r\n`, `name="name"\r\n\r\n${name}`);
  return [
    // Without JavaScript.
    request(200, 'POST /form', [origin], fields('me')),
    request(303, 'POST /form', [origin], fields('leave')),
    request(500, 'POST /form', [origin], fields('throw')),
    request(500, 'POST /form', ['Origin: http://other.test'], fields('me')),
    // With it.
    request(
      200,
      'POST /form',
      [origin, `Next-Action: ${action}`],
      multipart('name="_1_name"\r\n\r\nme', 'name="0"\r\n\r\n["$K1"]'),
    ),
    request(
      200,
      'POST /form',
      [origin, `Next-Action: ${action}`],
      multipart('name="_1_name"\r\n\r\nleave', 'name="0"\r\n\r\n["$K1"]'),
    ),
    request(400, 'POST /form', [origin, 'Next-Action: 0123'], textOf('text/plain;charset=UTF-8', '[]')),
    request(200, 'POST /form', [origin], form('name=me')),
  ];
}
