import assert from 'node:assert/strict';
import { request as httpRequest, STATUS_CODES } from 'node:http';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../src/errors/codes.ts';
import { PreforkError } from '../../src/errors/prefork-error.ts';
import { problemText, sendProblem, STATUS, toProblem } from '../../src/http/problem.ts';
import { get } from '../support/http.ts';
import { httpServer } from './http-server.ts';

const thrown = new PreforkError('ERR_HANDLER_THREW', 'the handler threw RangeError: secret-4711', {
  cause: 'RangeError: secret-4711\n    at /secret/path.js:1:1',
});

/** DESIGN.md, section 4: what a client gets. */
const PROMISED: readonly [ErrorCode, number][] = [
  ['ERR_HANDLER_THREW', 500],
  ['ERR_WORKER_DIED', 502],
  ['ERR_QUEUE_FULL', 503],
  ['ERR_QUEUE_TIMEOUT', 503],
  ['ERR_DEADLINE', 504],
  ['ERR_BODY_TOO_LARGE', 413],
  ['ERR_HEADERS_TOO_LARGE', 431],
  ['ERR_BAD_REQUEST', 400],
];

suite('toProblem', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    test(`${code} is a problem document of its status`, () => {
      const { status, headers, body } = toProblem(new PreforkError(code, 'what was found'), false);
      assert.equal(status, STATUS[code] ?? 500);
      assert.deepEqual(JSON.parse(body), {
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        code,
        detail: code === 'ERR_HANDLER_THREW' ? 'The handler failed.' : 'what was found',
      });
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
      assert.equal(headers['cache-control'], 'no-store');
    });
  }

  test('has the statuses that are promised', () => {
    for (const [code, status] of PROMISED) assert.equal(STATUS[code], status, code);
  });

  test('tells to come again with 503, and with nothing else', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { status, headers } = toProblem(new PreforkError(code, 'x'), false);
      if (status === 503) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/);
      else assert.equal(headers['retry-after'], undefined, code);
    }
  });

  test('shows neither message, stack nor path of a handler, unless in development', () => {
    assert.doesNotMatch(JSON.stringify(toProblem(thrown, false)), /secret|RangeError/);
    const shown = JSON.parse(toProblem(thrown, true).body);
    assert.equal(shown.detail, thrown.message);
    assert.equal(shown.stack, thrown.cause);
  });

  test('a cause that is no stack is never shown', () => {
    const error = new PreforkError('ERR_SPAWN', 'x', { cause: new Error('secret') });
    assert.doesNotMatch(toProblem(error, true).body, /secret|stack/);
  });
});

test('problemText is a complete answer for a connection that has no response object', async (t) => {
  const error = new PreforkError('ERR_HEADERS_TOO_LARGE', 'é is two bytes');
  const { server, url } = await httpServer(t, () => {});
  server.removeAllListeners('request');
  server.removeAllListeners('connection');
  server.on('connection', (socket) => socket.on('error', () => {}).end(problemText(error, false)));
  const { status, headers, body } = await get(url);
  assert.equal(status, 431);
  assert.equal(headers.connection, 'close');
  assert.equal(body.toString(), toProblem(error, false).body);
});

suite('sendProblem', () => {
  const error = new PreforkError('ERR_DEADLINE', 'too long');

  test('drops what the handler had set, and adds what it is given', async (t) => {
    const { url } = await httpServer(t, (_request, response) => {
      response.setHeader('set-cookie', 'a=b');
      response.setHeader('content-length', '5');
      response.statusMessage = 'Fine';
      sendProblem(response, error, false, ['X-Worker', '7', 'Connection', 'close']);
    });
    const { status, headers, rawHeaders, body } = await get(url);
    assert.equal(status, 504);
    assert.equal(headers['set-cookie'], undefined);
    assert.deepEqual([headers['x-worker'], headers.connection], ['7', 'close']);
    assert.ok(rawHeaders.includes('X-Worker') && headers.date !== undefined);
    assert.equal(JSON.parse(body.toString()).code, 'ERR_DEADLINE');
  });

  const REFUSED: readonly [what: string, status: number, message: string | undefined, headers: Record<string, string>][] = [
    ['a status message with a line break', 200, 'O\r\nK', {}],
    ['a status message that latin1 has no bytes for', 200, 'fine \u20ac', {}],
    ['a bad header beside 204', 204, undefined, { 'x-a': 'a\nb' }],
    ['a bad header beside 304', 304, undefined, { 'x-a': 'a\nb' }],
    ['a bad header beside a transfer coding', 200, undefined, { 'transfer-encoding': 'chunked', 'x-a': 'a\nb' }],
    ['a bad header beside a length', 200, undefined, { 'content-length': '3', 'x-a': 'a\nb' }],
  ];
  for (const [what, status, message, headers] of REFUSED) {
    test(`answers in full after a head was refused for ${what}`, async (t) => {
      const { url } = await httpServer(t, (_request, response) => {
        assert.throws(() => response.writeHead(status, message, Object.entries(headers).flat()));
        sendProblem(response, error, false, []);
      });
      const answer = await get(url);
      assert.equal(answer.status, 504);
      assert.equal(answer.headers['transfer-encoding'], undefined);
      assert.deepEqual(answer.json(), JSON.parse(toProblem(error, false).body));
    });
  }

  test('answers HEAD with the same head and no body', async (t) => {
    const { url } = await httpServer(t, (_request, response) => sendProblem(response, error, false, []));
    const { status, headers, body } = await get(url, { method: 'HEAD' });
    assert.equal(status, 504);
    assert.equal(headers['content-length'], toProblem(error, false).headers['content-length']);
    assert.equal(body.length, 0);
  });

  test('breaks off an answer that has begun: half of it must not look whole', async (t) => {
    const { url } = await httpServer(t, (_request, response) => {
      response.writeHead(200);
      response.write('half', () => sendProblem(response, error, false, []));
    });
    await assert.rejects(get(url), /aborted|ECONNRESET|socket hang up/);
  });

  test('does nothing when the client is gone', async (t) => {
    let called = false;
    const { url } = await httpServer(t, (request, response) => {
      response.once('close', () => {
        sendProblem(response, error, false, []);
        called = true;
      });
      request.destroy();
    });
    const client = httpRequest(url).end();
    await once(client, 'error');
    assert.equal(called, true);
  });
});
