import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { sendProblem } from '../../src/http/problem.ts';
import { ResponseWriter } from '../../src/http/response-writer.ts';
import { type AskOptions, type FullResponse, get, raw } from '../support/http.ts';
import { httpServer } from './http-server.ts';

interface Answer {
  readonly status?: number;
  readonly message?: string;
  readonly headers?: readonly string[];
  readonly own?: readonly string[];
  readonly body?: readonly string[];
  readonly trailers?: readonly string[];
}

/** Writes an answer as a worker's messages would, all of it in one turn; a PreforkError is answered as the front does it. */
function write(answer: Answer, parts: Parameters<Parameters<typeof httpServer>[1]>, errors: PreforkError[]): void {
  const [request, response] = parts;
  const writer = new ResponseWriter(response);
  const { status = 200, message = '', headers = [], own = [], body = [], trailers = [] } = answer;
  try {
    writer.writeHead({ status, message, headers }, own, request.method === 'HEAD');
    for (const piece of body) writer.write(Buffer.from(piece));
    writer.end(trailers);
  } catch (error) {
    assert.ok(error instanceof PreforkError, String(error));
    errors.push(error);
    if (!response.writableEnded) sendProblem(response, error, false, []);
  }
}

async function answered(
  t: Parameters<typeof httpServer>[0],
  answer: Answer,
  options: AskOptions = {},
): Promise<FullResponse & { errors: PreforkError[] }> {
  const errors: PreforkError[] = [];
  const { url } = await httpServer(t, (...parts) => write(answer, parts, errors));
  return { ...(await get(url, options)), errors };
}

suite('an answer that is valid', () => {
  test('goes to the client as the worker gave it, with our headers after it', async (t) => {
    const headers = ['X-Case', 'kept', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'X-Case', 'twice', 'content-length', '6'];
    const { status, rawHeaders, body, errors } = await answered(t, {
      status: 201,
      headers,
      own: ['X-Worker', '7'],
      body: ['abc', 'def'],
    });
    assert.deepEqual([status, body.toString(), errors], [201, 'abcdef', []]);
    assert.deepEqual(rawHeaders.slice(0, headers.length + 2), [...headers, 'X-Worker', '7']);
  });

  test('has no Date of ours: the worker has set one, or its handler wanted none', async (t) => {
    assert.equal((await answered(t, { body: ['x'] })).headers.date, undefined);
    assert.equal((await answered(t, { headers: ['date', 'then'], body: ['x'] })).headers.date, 'then');
  });

  test('keeps its own status message', async (t) => {
    const { port } = await httpServer(t, (...parts) =>
      write({ message: 'Quite Fine', headers: ['connection', 'close'] }, parts, []),
    );
    assert.match((await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toString(), /^HTTP\/1\.1 200 Quite Fine\r\n/);
  });

  test('without a length is sent in chunks, trailers at its end', async (t) => {
    const { port } = await httpServer(t, (...parts) =>
      write({ headers: ['trailer', 'x-sum', 'connection', 'close'], body: ['a', 'bc'], trailers: ['x-sum', '3'] }, parts, []),
    );
    const text = (await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toString();
    assert.match(text, /\r\ntransfer-encoding: chunked\r\n/i);
    assert.match(text, /\r\n0\r\nx-sum: 3\r\n\r\n$/);
  });

  test('loses what belongs to one connection alone', async (t) => {
    const headers = [
      'Transfer-Encoding',
      'chunked',
      'Keep-Alive',
      'timeout=1',
      'Connection',
      'upgrade',
      'Upgrade',
      'websocket',
      'Proxy-Connection',
      'close',
    ];
    const { headers: seen, rawHeaders, body } = await answered(t, { headers: [...headers, 'content-length', '2'], body: ['ok'] });
    assert.equal(body.toString(), 'ok');
    for (const name of ['transfer-encoding', 'upgrade', 'proxy-connection']) assert.equal(seen[name], undefined, name);
    assert.doesNotMatch(rawHeaders.join('\n'), /timeout=1\b(?!\d)|upgrade/i);
  });

  test('may ask for the connection to be closed', async (t) => {
    for (const [value, seen] of [
      ['close', 'close'],
      ['Close, x', 'close'],
      ['enclosed', 'keep-alive'],
      ['keep-alive', 'keep-alive'],
    ]) {
      const { headers } = await answered(t, { headers: ['connection', value ?? ''] }, { headers: { connection: 'keep-alive' } });
      assert.equal(headers.connection, seen, value);
    }
  });

  test('ends with its last announced byte', async (t) => {
    const { url } = await httpServer(t, (_request, response) => {
      const writer = new ResponseWriter(response);
      writer.writeHead({ status: 200, message: '', headers: ['content-length', '4'] }, [], false);
      writer.write(Buffer.from('ab'));
      assert.equal(response.writableEnded, false);
      writer.write(Buffer.from('cd'));
      assert.equal(response.writableEnded, true);
      writer.end([]);
    });
    assert.equal((await get(url)).text(), 'abcd');
  });

  test('may announce a length without a body for HEAD, 204 and 304', async (t) => {
    const head = await answered(t, { headers: ['content-length', '500'] }, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers['content-length'], head.errors], [200, '500', []]);
    const notModified = await answered(t, { status: 304, headers: ['content-length', '500', 'etag', '"x"'] });
    assert.deepEqual([notModified.status, notModified.body.length, notModified.errors], [304, 0, []]);
    assert.equal((await answered(t, { status: 204 })).status, 204);
  });

  test('tells a client that is behind', async (t) => {
    let couldTakeMore: boolean | undefined;
    const { url } = await httpServer(t, (_request, response) => {
      const writer = new ResponseWriter(response);
      writer.writeHead({ status: 200, message: '', headers: [] }, [], false);
      const piece = Buffer.alloc(64 * 1024);
      for (let count = 0; count < 64 && couldTakeMore !== false; count += 1) couldTakeMore = writer.write(piece);
      writer.end([]);
    });
    await get(url);
    assert.equal(couldTakeMore, false);
  });
});

const INVALID: readonly [what: string, answer: Answer, message: RegExp][] = [
  ['a Content-Length that is no number', { headers: ['content-length', '1x'] }, /Content-Length is no single number/],
  ['a negative Content-Length', { headers: ['content-length', '-1'] }, /Content-Length is no single number/],
  ['a Content-Length with a sign', { headers: ['content-length', '+1'] }, /Content-Length is no single number/],
  ['a Content-Length in hexadecimal', { headers: ['content-length', '0x1'] }, /Content-Length is no single number/],
  ['a Content-Length with a space', { headers: ['content-length', ' 1'] }, /Content-Length is no single number/],
  ['an empty Content-Length', { headers: ['content-length', ''] }, /Content-Length is no single number/],
  ['a Content-Length that is a list', { headers: ['content-length', '1, 1'] }, /Content-Length is no single number/],
  ['a Content-Length beyond all measure', { headers: ['content-length', '9'.repeat(16)] }, /Content-Length is no single number/],
  ['two lengths', { headers: ['content-length', '1', 'Content-Length', '1'], body: ['x'] }, /Content-Length is no single number/],
  ['a header name that is no token', { headers: ['a b', 'x'] }, /its head can not be sent/],
  ['an empty header name', { headers: ['', 'x'] }, /its head can not be sent/],
  ['a header name with a line break', { headers: ['a\r\nb', 'x'] }, /its head can not be sent/],
  ['a header value with a line break', { headers: ['a', 'x\r\nset-cookie: evil=1'] }, /its head can not be sent/],
  ['a header value with a null character', { headers: ['a', 'x\0'] }, /its head can not be sent/],
  ['a header value that latin1 has no bytes for', { headers: ['a', '\u20ac'] }, /its head can not be sent/],
  ['a status message with a line break', { message: 'OK\r\nset-cookie: evil=1' }, /its head can not be sent/],
  ['a bad header beside 204', { status: 204, headers: ['a', '\n'] }, /its head can not be sent/],
  ['an informational status', { status: 101, headers: [] }, /its status is 101, expected 200 to 999/],
];

suite('an answer that is not valid', () => {
  for (const [what, answer, message] of INVALID) {
    test(`${what}: a problem in its place, and not a byte of it`, async (t) => {
      const { status, headers, body, errors } = await answered(t, answer);
      assert.deepEqual([status, JSON.parse(body.toString()).code], [502, 'ERR_HANDLER_RESPONSE']);
      assert.equal(errors.length, 1);
      assert.match(errors[0]?.message ?? '', message);
      assert.equal(headers['set-cookie'], undefined);
    });
  }

  for (const [what, answer, message] of [
    ['too short', { headers: ['content-length', '5'], body: ['four'] }, /shorter than its Content-Length/],
    ['too long', { headers: ['content-length', '5'], body: ['four', 'more'] }, /longer than its Content-Length/],
    ['too long in one piece', { headers: ['content-length', '3'], body: ['four'] }, /longer than its Content-Length/],
    ['missing', { headers: ['content-length', '3'] }, /shorter than its Content-Length/],
  ] as const) {
    test(`a body that is ${what}: the connection breaks, since the head is gone`, async (t) => {
      const errors: PreforkError[] = [];
      const { port } = await httpServer(t, (...parts) => write(answer, parts, errors));
      const text = (await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toString();
      assert.match(errors[0]?.message ?? '', message);
      assert.equal(errors[0]?.code, 'ERR_HANDLER_RESPONSE');
      assert.doesNotMatch(text, /more/, 'the excess may not be sent: a client would read it as the next answer');
    });
  }

  test('a length of 0 with a body: the body is not sent', async (t) => {
    const { status, body, errors } = await answered(t, { headers: ['content-length', '0'], body: [] });
    assert.deepEqual([status, body.length, errors], [200, 0, []]);
    const errorsOfExcess: PreforkError[] = [];
    const { port } = await httpServer(t, (...parts) =>
      write({ headers: ['content-length', '0'], body: ['HTTP/1.1 200 OK\r\n\r\n'] }, parts, errorsOfExcess),
    );
    const text = (await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toString();
    assert.ok(text.split('HTTP/1.1').length <= 2, text);
    assert.match(errorsOfExcess[0]?.message ?? '', /longer than its Content-Length/);
  });

  for (const trailers of [
    ['a b', 'x'],
    ['a', 'x\r\ny'],
    ['', 'x'],
  ]) {
    test(`trailers ${JSON.stringify(trailers)} are refused`, async (t) => {
      const errors: PreforkError[] = [];
      const { port } = await httpServer(t, (...parts) => write({ body: ['a'], trailers }, parts, errors));
      await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(errors[0]?.code, 'ERR_HANDLER_RESPONSE');
    });
  }
});

suite('informational answers', () => {
  async function informed(
    t: Parameters<typeof httpServer>[0],
    status: number,
    headers: readonly string[],
  ): Promise<{ text: string; error: unknown }> {
    let error: unknown;
    const { port } = await httpServer(t, (_request, response) => {
      const writer = new ResponseWriter(response);
      try {
        writer.writeInformational({ status, message: '', headers });
      } catch (thrown) {
        error = thrown;
      }
      writer.writeHead({ status: 200, message: 'OK', headers: ['connection', 'close'] }, [], false);
      writer.end([]);
    });
    return { text: (await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toString(), error };
  }

  test('102 and 103 go before the answer, 103 with all its links', async (t) => {
    assert.match((await informed(t, 102, [])).text, /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const { text } = await informed(t, 103, ['Link', '</a.css>; rel=preload', 'link', '</b.js>; rel=preload', 'X-Trace', '1']);
    assert.match(
      text,
      /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload, <\/b\.js>; rel=preload\r\nx-trace: 1\r\n\r\nHTTP\/1\.1 200 OK\r\n/i,
    );
  });

  test('early hints lose what would frame a body', async (t) => {
    const { text } = await informed(t, 103, [
      'link',
      '</a>; rel=preload',
      'Content-Length',
      '5',
      'Transfer-Encoding',
      'chunked',
      'x',
      '1',
    ]);
    assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a>; rel=preload\r\nx: 1\r\n\r\nHTTP\/1\.1 200 OK\r\n/i);
  });

  test('others are dropped', async (t) => {
    for (const status of [100, 101, 150, 199])
      assert.match((await informed(t, status, ['a', 'b'])).text, /^HTTP\/1\.1 200 OK\r\n/);
  });

  test('early hints that could smuggle are refused', async (t) => {
    for (const headers of [
      ['link', 'x\r\n\r\nHTTP/1.1 200 OK'],
      ['link', '</a>; rel=preload', 'x', 'a\r\nb: c'],
      ['link', '</a>; rel=preload', 'a\r\nb', 'c'],
    ]) {
      const { text, error } = await informed(t, 103, headers);
      assert.ok(
        error instanceof PreforkError && error.code === 'ERR_HANDLER_RESPONSE',
        `${JSON.stringify(headers)} gave ${String(error)} and ${text}`,
      );
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    }
  });
});
