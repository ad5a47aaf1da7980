import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import type { FetchHandler } from '../../src/worker/handler-kinds.ts';
import { get, open, raw } from '../support/http.ts';
import { until } from '../support/until.ts';
import { controlled, serve } from './fetch-server.ts';

suite('the request that a fetch handler gets', () => {
  test('has method, URL, headers and body of the client', async (t) => {
    const { url } = await serve(t, async (request) =>
      Response.json({
        method: request.method,
        url: request.url,
        body: await request.text(),
        twice: request.headers.get('x-twice'),
        isRequest: request instanceof Request,
      }),
    );
    const answer = await get(`${url}/path/%20?q=1`, { method: 'PATCH', headers: { 'x-twice': ['a', 'b'] }, body: 'the body' });
    assert.deepEqual(answer.json(), {
      method: 'PATCH',
      url: `${url}/path/%20?q=1`,
      body: 'the body',
      twice: 'a, b',
      isRequest: true,
    });
  });

  for (const [target, path] of [
    ['//evil.example/x', 'http://host:1//evil.example/x'],
    ['http://other.example:8080/y?z', 'http://other.example:8080/y?z'],
    ['/a/../b', 'http://host:1/b'],
  ]) {
    test(`${target} has the URL ${path}`, async (t) => {
      const { port } = await serve(t, (request) => new Response(request.url, { headers: { connection: 'close' } }));
      const text = (await raw(port, `GET ${target} HTTP/1.1\r\nHost: host:1\r\nConnection: close\r\n\r\n`)).toString();
      assert.equal(text.split('\r\n\r\n')[1], path);
    });
  }

  test('has no body for GET and HEAD, nor where none is announced', async (t) => {
    const { url } = await serve(t, (request) => new Response(null, { headers: { 'x-body': String(request.body !== null) } }));
    for (const [method, body, has] of [
      ['GET', undefined, 'false'],
      ['HEAD', undefined, 'false'],
      ['POST', undefined, 'false'],
      ['POST', 'x', 'true'],
    ] as const) {
      const { headers } = await get(url, { method, ...(body === undefined ? {} : { body }) });
      assert.equal(headers['x-body'], has, method);
    }
  });

  test('streams its body: a piece is there before the next is sent', async (t) => {
    const pieces: string[] = [];
    const { url } = await serve(t, async (request) => {
      for await (const piece of request.body ?? []) pieces.push(Buffer.from(piece).toString());
      return new Response('all');
    });
    const body = new Readable({ read() {} });
    const answer = get(url, { method: 'POST', body });
    for (const piece of ['one', 'two', 'three']) {
      body.push(piece);
      await until(() => pieces.at(-1) === piece, { describe: `the handler to read ${piece}` });
    }
    body.push(null);
    assert.equal((await answer).text(), 'all');
    assert.deepEqual(pieces, ['one', 'two', 'three']);
  });

  test('may be left unread, and be cancelled', async (t) => {
    const { url, outcomes } = await serve(t, async (request) => {
      if (request.url.endsWith('/cancel')) await request.body?.cancel();
      return new Response('early');
    });
    for (const path of ['/leave', '/cancel']) {
      const { body } = await get(`${url}${path}`, { method: 'POST', body: Buffer.alloc(1_000_000) });
      assert.equal(body.toString(), 'early');
    }
    assert.deepEqual(outcomes, ['done', 'done']);
  });

  test('breaks when the client goes away in the middle of the body', async (t) => {
    let failure: unknown;
    let hasBegun = false;
    const { url } = await serve(t, async (request) => {
      try {
        for await (const _piece of request.body ?? []) hasBegun = true;
      } catch (thrown) {
        failure = thrown;
      }
      return new Response();
    });
    const abort = new AbortController();
    const body = new Readable({ read() {} });
    body.push('begun');
    open(url, { method: 'POST', body, signal: abort.signal }).catch(() => {});
    await until(() => hasBegun, { describe: 'the first piece' });
    abort.abort();
    await until(() => failure !== undefined, { describe: 'the body to break' });
    assert.ok(failure instanceof Error);
  });

  test('can not be of method TRACE: 501, and the handler is not asked', async (t) => {
    let asked = 0;
    const { port, outcomes } = await serve(t, () => {
      asked += 1;
      return new Response();
    });
    assert.match((await raw(port, 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toString(), /^HTTP\/1\.1 501 /);
    assert.deepEqual([asked, outcomes], [0, ['done']]);
  });
});

suite('the response of a fetch handler', () => {
  test('goes out with status, message, headers and every cookie', async (t) => {
    const { url, port } = await serve(t, () => {
      const response = new Response('made', { status: 201, statusText: 'Made Well', headers: { 'x-a': '1' } });
      for (const cookie of ['a=1', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'c=3'])
        response.headers.append('set-cookie', cookie);
      return response;
    });
    const { status, headers, body } = await get(url);
    assert.deepEqual([status, headers['x-a'], body.toString()], [201, '1', 'made']);
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT', 'c=3']);
    assert.match(
      (await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toString(),
      /^HTTP\/1\.1 201 Made Well\r\n/,
    );
  });

  test('of one piece gets a length, of several it is sent in chunks', async (t) => {
    const { url } = await serve(t, (request) => {
      const pieces = Number(new URL(request.url).searchParams.get('pieces'));
      return new Response(Readable.toWeb(Readable.from(Array(pieces).fill(Buffer.from('piece')))) as ReadableStream);
    });
    const whole = await serve(t, () => new Response('é'));
    const one = await get(whole.url);
    assert.deepEqual([one.headers['content-length'], one.headers['transfer-encoding']], ['2', undefined]);
    const none = await get(`${url}/?pieces=0`);
    assert.deepEqual([none.headers['content-length'], none.body.length], ['0', 0]);
    const many = await get(`${url}/?pieces=3`);
    assert.deepEqual([many.headers['transfer-encoding'], many.text()], ['chunked', 'piecepiecepiece']);
  });

  test('arrives piece by piece', async (t) => {
    const source = controlled();
    const { url } = await serve(t, () => new Response(source.stream, { headers: { 'content-type': 'text/event-stream' } }));
    source.push('data: 1\n\n');
    const { body } = await open(url);
    let seen = '';
    body.on('data', (piece: Buffer) => (seen += piece.toString()));
    await until(() => seen === 'data: 1\n\n', { describe: 'the first piece' });
    source.push('data: 2\n\n');
    await until(() => seen === 'data: 1\n\ndata: 2\n\n', { describe: 'the second piece' });
    source.close();
    await once(body, 'end');
  });

  test('answers HEAD at once, though the body would never end, and cancels it', { timeout: 20_000 }, async (t) => {
    const source = controlled();
    const { url, outcomes } = await serve(t, () => new Response(source.stream, { headers: { 'x-kind': 'endless' } }));
    source.push('first');
    const { status, headers } = await get(url, { method: 'HEAD' });
    assert.deepEqual([status, headers['x-kind']], [200, 'endless']);
    await until(() => outcomes.length === 1, { describe: 'the handler to be done' });
    assert.deepEqual([outcomes, source.cancelled.length], [['done'], 1]);
  });

  test('has no body for HEAD, 204 and 304', async (t) => {
    const { url, outcomes } = await serve(t, (request) => {
      const status = Number(new URL(request.url).searchParams.get('status') ?? 200);
      return status === 200 ? new Response('not sent', { headers: { 'content-length': '8' } }) : new Response(null, { status });
    });
    const head = await get(url, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '8', 0]);
    for (const status of [204, 304]) {
      const answer = await get(`${url}/?status=${status}`);
      assert.deepEqual([answer.status, answer.headers['transfer-encoding'], answer.body.length], [status, undefined, 0]);
    }
    assert.deepEqual(outcomes, ['done', 'done', 'done']);
  });

  test('is not read faster than the client takes it', async (t) => {
    let pulled = 0;
    const piece = new Uint8Array(64 * 1024);
    const totalPieces = 2000;
    const { url } = await serve(
      t,
      () =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              pulled += 1;
              if (pulled > totalPieces) controller.close();
              else controller.enqueue(piece);
            },
          }),
        ),
    );
    const { body } = await open(url);
    const looks: number[] = [];
    // Nobody reads: what the kernel and both ends hold fills up, and then the source has to stand still.
    await until(() => looks.push(pulled) > 20 && looks.at(-20) === pulled, {
      describe: () => `the source to stand still, ${pulled} pieces were pulled`,
    });
    assert.ok(pulled < totalPieces / 2, `${pulled} pieces were pulled for a client that reads none`);
    assert.equal((await readText(body)).length, totalPieces * piece.length);
  });
});

suite('errors of a fetch handler', () => {
  const failures: readonly [what: string, handler: FetchHandler, name: string, message: RegExp][] = [
    [
      'throws',
      () => {
        throw new RangeError('thrown');
      },
      'RangeError',
      /^thrown$/,
    ],
    ['is rejected', () => Promise.reject(new RangeError('rejected')), 'RangeError', /^rejected$/],
    [
      'returns nothing',
      () => undefined as unknown as Response,
      'TypeError',
      /the handler returned undefined, expected a Response/,
    ],
    ['returns null', () => null as unknown as Response, 'TypeError', /the handler returned null, expected a Response/],
    ['returns a text', () => 'text' as unknown as Response, 'TypeError', /the handler returned string, expected a Response/],
    [
      'returns an object',
      () => ({ status: 200 }) as unknown as Response,
      'TypeError',
      /the handler returned object, expected a Response/,
    ],
    ['returns Response.error()', () => Response.error(), 'TypeError', /Response\.error\(\)/],
  ];
  for (const [what, handler, name, message] of failures) {
    test(`one that ${what} rejects before anything is sent`, async (t) => {
      const { url, outcomes } = await serve(t, handler);
      assert.equal((await get(url)).status, 500);
      assert.ok(outcomes[0] instanceof Error);
      assert.equal(outcomes[0].name, name);
      assert.match(outcomes[0].message, message);
    });
  }

  test('a body that fails before its first piece rejects before anything is sent', async (t) => {
    const { url, outcomes } = await serve(t, () => {
      const source = controlled();
      source.fail(new RangeError('at once'));
      return new Response(source.stream);
    });
    assert.equal((await get(url)).status, 500);
    assert.equal(String(outcomes[0]), 'RangeError: at once');
  });

  test('a body that fails later breaks the answer off', async (t) => {
    const source = controlled();
    const { url, outcomes } = await serve(t, () => new Response(source.stream));
    source.push('first');
    const { status, body } = await open(url);
    assert.equal(status, 200);
    body.once('data', () => source.fail(new RangeError('later')));
    await assert.rejects(readText(body), /aborted/);
    await until(() => outcomes.length > 0, { describe: 'the adapter to reject' });
    assert.equal(String(outcomes[0]), 'RangeError: later');
  });
});
