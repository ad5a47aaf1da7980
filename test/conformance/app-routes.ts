/** The routes of the apps of `test/fixtures/apps`. */
export interface AppRoutes {
  /** Of `test/fixtures/apps`. */
  readonly file: string;
  /** A fetch app: on bare node:http another adapter than ours writes its headers and frames its bodies, and only what they say is compared. */
  readonly isFetch: boolean;
  /** Asked without a body. */
  readonly routes: readonly string[];
  /** Given one. */
  readonly bodies: readonly string[];
}

const COMMON = [
  '/who?a=b&a=c&d',
  '/who',
  '/redirect',
  '/redirect?status=301&to=/a%20b',
  '/throws',
  '/no/such/route',
  '/etag',
  '/etag?n=2000',
  '//who',
  '/who/',
];
const FILES = [
  '/static/lines.txt',
  '/static/',
  '/static',
  '/static/sub',
  '/static/data.json',
  '/static/sub/empty.txt',
  '/static/.hidden',
  '/static/../koa.mjs',
  '/static/%2e%2e/koa.mjs',
  '/static/none',
  '/static/lines',
];

export const APPS: Readonly<Record<string, AppRoutes>> = {
  Express: {
    file: 'express.mjs',
    isFetch: false,
    routes: [
      ...COMMON,
      ...FILES,
      '/hidden/.hidden',
      '/hidden/sub',
      '/compressed',
      '/compressed?n=0',
      '/compressed-stream?n=3000',
      '/session',
      '/cookies',
      '/events',
      '/trailers',
      '/hints',
      '/download',
      '/send-file',
      '/format',
      '/jsonp?callback=call',
      '/rejects',
      '/breaks',
      '/params/one',
      '/params/%E2%82%AC/b%2fc',
      '/params/%ff',
    ],
    bodies: ['/json', '/form', '/text', '/raw', '/upload', '/upload', '/who', '/trailers'],
  },
  Koa: {
    file: 'koa.mjs',
    isFetch: false,
    routes: [
      ...COMMON,
      ...FILES,
      '/compressed',
      '/cookies',
      '/stream',
      '/attachment',
      '/events',
      '/trailers',
      '/hints',
      '/web',
      '/rejects',
      '/null',
    ],
    bodies: ['/text', '/raw', '/who', '/trailers', '/no/such'],
  },
  Fastify: {
    file: 'fastify.mjs',
    isFetch: false,
    routes: [
      ...COMMON,
      ...FILES,
      '/schema?a=1',
      '/schema?a=x',
      '/schema',
      '/stream',
      '/web',
      '/events',
      '/sent-trailers',
      '/trailers',
      '/hints',
      '/rejects',
      '/null',
      '/params/a/%41',
      '/params/%/b',
    ],
    bodies: ['/json', '/raw', '/upload', '/upload', '/who'],
  },
  Hono: {
    file: 'hono.mjs',
    isFetch: true,
    routes: [...COMMON, '/secured/a', '/cors', '/compressed', '/compressed?n=0', '/cookies', '/events', '/stream', '/null'],
    bodies: ['/json', '/form', '/form', '/raw', '/unread', '/who', '/no/such'],
  },
  h3: {
    file: 'h3.mjs',
    isFetch: true,
    routes: [...COMMON, '/cookies', '/cors', '/stream', '/null', '/web', '/blob', '/rejects', '/params/a/%41'],
    bodies: ['/json', '/form', '/raw', '/who', '/no/such'],
  },
};
