import fc from 'fast-check';
import type { AppRoutes } from './app-routes.ts';

export interface AppRequest {
  readonly method: string;
  /** As it goes onto the wire, latin1. */
  readonly bytes: string;
}

const BOUNDARY = 'a-boundary-4711';

interface Body {
  readonly type: string;
  readonly text: string;
}

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019 .,;=+&%\u00e9'.split('')), maxLength: 24 });

const part = fc.record({
  name: fc.constantFrom('a', 'b', 'list[]', 'o[x]', '\u00c3\u00a9'),
  file: fc.option(
    fc.record({
      name: fc.constantFrom('f.txt', '../x', 'na\u00c3\u00afve.png', ''),
      type: fc.constantFrom('text/plain', 'image/png'),
    }),
  ),
  text: fc.oneof(word, fc.constant('x'.repeat(1999)), fc.constant('x'.repeat(2001))),
});

const multipart = fc.array(part, { maxLength: 4 }).map((parts): Body => {
  const texts = parts.map(({ name, file, text }) => {
    const filename = file === null ? '' : `; filename="${file.name}"`;
    const type = file === null ? '' : `Content-Type: ${file.type}\r\n`;
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n${type}\r\n${text}\r\n`;
  });
  return { type: `multipart/form-data; boundary=${BOUNDARY}`, text: `${texts.join('')}--${BOUNDARY}--\r\n` };
});

const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value): Body => ({ type: 'application/json', text: Buffer.from(JSON.stringify(value)).toString('latin1') }));

const form = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'a[]', 'o[x][y]', '__proto__'), word), { maxLength: 4 })
  .map((pairs): Body => ({
    type: 'application/x-www-form-urlencoded',
    text: pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'),
  }));

const odd = fc.constantFrom<Body>(
  { type: 'application/json', text: '{"a":' },
  { type: 'application/json; charset=utf-16', text: '{}' },
  { type: 'application/json', text: '' },
  { type: 'text/plain; charset=latin1', text: 'gr\u00fc\u00dfe' },
  { type: 'application/octet-stream', text: '\u0000\u00ff\r\n\r\n' },
  { type: 'multipart/form-data', text: 'no boundary' },
  {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    text: `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end`,
  },
  { type: '', text: 'without a type' },
  { type: 'application/json', text: JSON.stringify({ long: 'x'.repeat(5000) }) },
);

const body = fc.oneof(json, form, multipart, odd);

const line = (name: string, ...values: readonly string[]) => fc.constantFrom(...values.map((value) => `${name}: ${value}`));
const header = fc.oneof(
  line('Range', 'bytes=0-9', 'bytes=-5', 'bytes=5-', 'bytes=0-1,4-5', 'bytes=9-3', 'bytes=99999-', 'lines=1-2', 'bytes=a-b'),
  line('If-Range', '"a-tag"', 'Tue, 15 Nov 1994 12:45:26 GMT'),
  line('If-None-Match', '*', '"a-tag"', 'W/"a-tag"', '"x", "a-tag"', 'broken'),
  line('If-Match', '*', '"a-tag"'),
  line('If-Modified-Since', 'Tue, 15 Nov 1994 12:45:26 GMT', 'Tue, 15 Nov 2044 12:45:26 GMT', 'never'),
  line('If-Unmodified-Since', 'Tue, 15 Nov 1994 12:45:26 GMT', 'Tue, 15 Nov 2044 12:45:26 GMT'),
  line('Accept-Encoding', 'gzip', 'gzip, br', 'br;q=0.5, gzip;q=0.4', 'identity', 'identity;q=0', '*', 'x-none', ''),
  line('Accept', 'text/html', 'application/json', '*/*', 'text/*;q=0.3, text/html;level=1', 'image/png'),
  line('Cookie', 'plain=a%20b; other=1', 'connect.sid=s%3Aid-1.broken', 'plain', '=; ;', 'plain="quoted"'),
  line('X-Forwarded-For', '1.2.3.4', '1.2.3.4, 10.0.0.1', '::1', 'unknown', ''),
  line('X-Forwarded-Proto', 'https', 'http', 'https,http'),
  line('X-Forwarded-Host', 'other.test', 'other.test:81, third.test'),
  line('X-Requested-With', 'XMLHttpRequest'),
  line('Origin', 'https://a.test', 'null'),
  line('Access-Control-Request-Method', 'PUT'),
  line('Cache-Control', 'no-cache', 'max-age=0'),
  line('X-Sum', 'a', 'b'),
);

/** A request for a route of the app, as a browser sends one or as nobody would write it by hand. */
export function appRequest({ routes, bodies }: Pick<AppRoutes, 'routes' | 'bodies'>): fc.Arbitrary<AppRequest> {
  const read = fc.record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT'),
    path: fc.constantFrom(...routes),
    body: fc.constant(undefined),
  });
  const sent = fc.record({ method: fc.constantFrom('POST', 'POST', 'POST', 'PUT'), path: fc.constantFrom(...bodies), body });
  return fc
    .record({
      request: fc.oneof({ weight: 3, arbitrary: read }, { weight: 2, arbitrary: sent }),
      headers: fc.uniqueArray(header, { maxLength: 4, selector: (text) => text.split(':')[0] }),
      isChunked: fc.boolean(),
    })
    .map(({ request: { method, path, body: sentBody }, headers, isChunked }) => {
      const lines = [`${method} ${path} HTTP/1.1`, 'Host: example.test:8080', 'Connection: close', ...headers];
      if (sentBody === undefined) return { method, bytes: `${lines.join('\r\n')}\r\n\r\n` };
      if (sentBody.type !== '') lines.push(`Content-Type: ${sentBody.type}`);
      const { text } = sentBody;
      if (!isChunked) return { method, bytes: `${lines.join('\r\n')}\r\nContent-Length: ${text.length}\r\n\r\n${text}` };
      const middle = Math.ceil(text.length / 2);
      const chunks = [text.slice(0, middle), text.slice(middle)].filter((chunk) => chunk !== '');
      const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
      return { method, bytes: `${lines.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n${framed}0\r\nX-Sum: 42\r\n\r\n` };
    });
}
