import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { announcedBytes, checkRequest, hasBody } from '../../src/http/check-request.ts';
import { raw } from '../support/http.ts';
import { httpServer } from './http-server.ts';

const NO_HOST_NAME = 'the Host header is not a host name with an optional port';
const NO_TARGET = 'the request target is neither a path nor an absolute URI';

/** Sends these bytes to node:http and gives what `judge` says of the request. */
async function judged<T>(
  t: Parameters<typeof httpServer>[0],
  head: string,
  judge: (request: Parameters<typeof checkRequest>[0]) => T,
): Promise<T> {
  let verdict: { of: T } | undefined;
  const { port } = await httpServer(t, (request, response) => {
    verdict = { of: judge(request) };
    response.writeHead(200, { connection: 'close' }).end();
  });
  const answer = await raw(port, head);
  if (verdict === undefined) throw new Error(`node:http did not let it through: ${answer.toString('latin1')}`);
  return verdict.of;
}

const request = (target: string, ...fields: string[]): string =>
  `${target} HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

const SOUND: readonly string[] = [
  request('GET /', 'Host: example.com'),
  request('GET /', 'hOsT: example.com:8080'),
  request('GET /', 'Host: example.com:'),
  request('GET /', 'Host: EXAMPLE.com'),
  request('GET /', 'Host: my_service'),
  request('GET /', 'Host: 127.0.0.1:65535'),
  request('GET /', 'Host: [::1]:80'),
  request('GET /', 'Host: [::ffff:127.0.0.1]'),
  request('GET //two/slashes?a=b//c', 'Host: a'),
  request('GET /%2e%2e/../x', 'Host: a'),
  request('GET http://example.com', 'Host: a'),
  request('GET HTTP://example.com/x?y', 'Host: a'),
  request('GET https://[::1]:8443/x', 'Host: a'),
  request('OPTIONS *', 'Host: a'),
  'GET / HTTP/1.0\r\n\r\n',
  'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
];

const BAD: readonly [head: string, message: string][] = [
  [request('GET /'), 'no Host header was sent, HTTP/1.1 requires one'],
  [request('GET /', 'X-Host: a'), 'no Host header was sent, HTTP/1.1 requires one'],
  [request('GET /', 'Host: a', 'Host: a'), '2 Host headers were sent, expected one'],
  [request('GET /', 'Host: a', 'X: y', 'HOST: b', 'host: c'), '3 Host headers were sent, expected one'],
  ['GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', '2 Host headers were sent, expected one'],
  ...['', 'a b', 'a,b c', 'a/b', 'a/', 'user@a', 'user:secret@a', 'http://a', 'a?b', 'a#b', 'a\\b', '[::1', '::1', '[::zz]', '[]']
    .concat(['a:port', 'a:1:2', 'a:70000', ':80', '1.2.3.400', '1.2.3.4.5', 'a%00b', 'a\u00e9', '<a>', '"a"', 'a\tb'])
    .map((host): [string, string] => [request('GET /', `Host: ${host}`), NO_HOST_NAME]),
  ...[
    'GET *',
    'POST *',
    'GET http://',
    'GET http:///x',
    'GET ftp://a/b',
    'GET http://user@a/',
    'GET http://a:b@c/',
    'GET http://a:70000/',
  ]
    .concat(['GET http://1.2.3.400/', 'GET http://[::zz]/', 'GET https://a%00b/'])
    .map((target): [string, string] => [request(target, 'Host: a'), NO_TARGET]),
];

suite('checkRequest', () => {
  for (const head of SOUND) {
    test(`lets ${JSON.stringify(head)} through`, async (t) => {
      assert.equal(await judged(t, head, checkRequest), undefined);
    });
  }

  for (const [head, message] of BAD) {
    test(`refuses ${JSON.stringify(head)}`, async (t) => {
      const error = await judged(t, head, checkRequest);
      assert.deepEqual([error?.code, error?.message], ['ERR_BAD_REQUEST', message]);
    });
  }

  test('whatever it lets through has a URL: a handler never meets one that is none', async (t) => {
    for (const head of SOUND) {
      const url = await judged(t, head, ({ url: target = '', headers }) => {
        const origin = `http://${headers.host ?? 'localhost'}`;
        return target.startsWith('/') ? `${origin}${target}` : target === '*' ? origin : target;
      });
      assert.ok(URL.canParse(url), url);
      assert.doesNotThrow(() => new Request(url));
    }
  });
});

suite('the body of a request', () => {
  const CASES: readonly [fields: string[], body: string, has: boolean, bytes: number][] = [
    [[], '', false, 0],
    [['Content-Length: 0'], '', false, 0],
    [['Content-Length: 5'], 'hello', true, 5],
    [['Transfer-Encoding: chunked'], '0\r\n\r\n', true, 0],
  ];
  for (const [fields, body, has, bytes] of CASES) {
    test(`${fields[0] ?? 'no framing header'}: ${has ? 'has one' : 'has none'}`, async (t) => {
      const head = request('POST /', 'Host: a', ...fields) + body;
      assert.deepEqual(await judged(t, head, (seen) => [hasBody(seen), announcedBytes(seen)]), [has, bytes]);
    });
  }
});
