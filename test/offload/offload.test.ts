import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { json as jsonOf } from 'node:stream/consumers';
import { suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import express, { type ErrorRequestHandler } from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import type { PreforkError } from '../../src/errors/prefork-error.ts';
import { OffloadError } from '../../src/offload/offload-error.ts';
import type { OffloadOptions } from '../../src/offload/offload-options.ts';
import { type OffloadedRoute, offload } from '../../src/offload/offload.ts';
import { told } from '../pool/told.ts';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { gone } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { serve } from './apps.ts';

function fixture(name: string): URL {
  return pathToFileURL(join(root, 'test', 'fixtures', 'offload', name));
}

function offloadFor(t: TestContext, options: OffloadOptions = {}, name = 'report.mjs'): OffloadedRoute {
  const route = offload(fixture(name), { max: 1, ...options });
  t.after(() => route.close({ force: true }));
  return route;
}

/** An Express app with the route, whose errors are kept. */
async function appFor(t: TestContext, route: OffloadedRoute): Promise<{ readonly url: string; readonly errors: OffloadError[] }> {
  const errors: OffloadError[] = [];
  const app = express();
  app.all('/base/:id/:what', route);
  const onError: ErrorRequestHandler = (error: OffloadError, _request, response, _next) => {
    errors.push(error);
    response.set(error.headers).status(error.status).send(error.code);
  };
  app.use(onError);
  const running = await serve(app);
  t.after(() => running[Symbol.asyncDispose]());
  return { url: running.url, errors };
}

suite('an offloaded route', { timeout: 120_000 }, () => {
  test('is ended at its deadline, in whatever loop it is, and other routes of its workers have their own', async (t) => {
    const route = offloadFor(t, { deadline: '100s' });
    const { file, written } = await told(t);
    const { url, errors } = await appFor(t, route.with({ deadline: 400 }));
    const answer = await get(`${url}/loops?file=${encodeURIComponent(file('pid'))}`);
    await written('pid');
    assert.deepEqual([answer.status, answer.text()], [504, 'ERR_DEADLINE']);
    assert.equal(errors[0]?.message, 'the task ran longer than its deadline of 400ms');
    assert.ok(errors[0]?.incident !== undefined);
  });

  test('answers 503 and when to come again, if too many wait', async (t) => {
    const route = offloadFor(t, { queue: 0 });
    const { file, written } = await told(t);
    const { url } = await appFor(t, route);
    await route.ready;
    const client = new AbortController();
    const busy = get(`${url}/waits?file=${encodeURIComponent(file('told'))}`, { signal: client.signal });
    await written('told.begun');
    const answer = await get(`${url}/tells`);
    assert.deepEqual([answer.status, answer.headers['retry-after'], answer.text()], [503, '1', 'ERR_QUEUE_FULL']);
    client.abort();
    await assert.rejects(busy);
    await until(async () => (await get(`${url}/tells`)).status === 200, { describe: 'the worker to be free again' });
  });

  test('gives the app the error of the handler, with its stack', async (t) => {
    const { url, errors } = await appFor(t, offloadFor(t));
    assert.equal((await get(`${url}/throws`)).status, 500);
    const [error] = errors;
    assert.ok(error instanceof OffloadError);
    assert.equal(error.message, 'the handler threw TypeError: no report today');
    assert.match(String((error.cause as Error).stack), /^TypeError: no report today\n +at .*report\.mjs/);
    assert.match(String(error.stack), /^PreforkError: the handler threw TypeError: no report today\n +at .*report\.mjs/);
    assert.deepEqual([error.code, error.status, error.statusCode, error.expose], ['ERR_HANDLER_THREW', 500, 500, false]);
  });

  test('says which module does not load, to `ready` and to each request', async (t) => {
    const route = offloadFor(t, {}, 'broken.mjs');
    const { url, errors } = await appFor(t, route);
    const early = get(`${url}/tells`);
    await assert.rejects(route.ready, { code: 'ERR_HANDLER_LOAD', message: /broken\.mjs.*this module does not load/ });
    assert.deepEqual([(await early).status, (await get(`${url}/tells`)).status], [500, 500]);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['ERR_HANDLER_LOAD', 'ERR_HANDLER_LOAD'],
    );
    await assert.rejects(offloadFor(t, {}, 'nowhere.mjs').ready, { code: 'ERR_ENTRY_NOT_FOUND', message: /nowhere\.mjs/ });
  });

  test('finishes what it has before it closes, and refuses the rest', async (t) => {
    const route = offloadFor(t);
    const { file, written } = await told(t);
    const { url, errors } = await appFor(t, route);
    const client = new AbortController();
    const busy = get(`${url}/waits?file=${encodeURIComponent(file('told'))}`, { signal: client.signal });
    await written('told.begun');
    let isClosed = false;
    const closed = route.close().then(() => {
      isClosed = true;
    });
    assert.equal((await get(`${url}/tells`)).status, 503);
    assert.equal(errors[0]?.code, 'ERR_SHUTTING_DOWN');
    assert.equal(isClosed, false);
    client.abort();
    await assert.rejects(busy);
    await closed;
  });

  test('ends with everything that it runs when it is closed by force', async (t) => {
    const route = offloadFor(t);
    const { file, written } = await told(t);
    const { url } = await appFor(t, route);
    const { pid } = (await get(`${url}/tells`)).json() as { readonly pid: number };
    const busy = get(`${url}/loops?file=${encodeURIComponent(file('pid'))}`);
    await written('pid');
    await route.close({ force: true });
    assert.equal((await busy).text(), 'ERR_SHUTTING_DOWN');
    await gone([pid]);
    // Also while the first worker boots.
    const other = offloadFor(t);
    await other.close({ force: true });
  });

  test('refuses a body that is too large, announced or not', async (t) => {
    const { url, errors } = await appFor(t, offloadFor(t, { maxBody: 1000 }));
    const body = Buffer.alloc(1001);
    assert.equal((await get(`${url}/pipes`, { method: 'POST', body, headers: { 'content-length': 1001 } })).status, 413);
    const headers = { 'transfer-encoding': 'chunked' };
    assert.equal((await get(`${url}/tells`, { method: 'POST', body, headers })).status, 413);
    assert.deepEqual([errors[1]?.code, errors[1]?.expose], ['ERR_BODY_TOO_LARGE', true]);
  });

  test('gives what a context can not hold to the error handling, and so what it throws', async (t) => {
    const route = offloadFor(t);
    const cases = [
      [() => ({ user: { greet: () => 'hello' } }), 'ERR_NOT_CLONEABLE', /^offloaded\.context\.user\.greet: found the function/],
      [() => 'x'.repeat(600_000), 'ERR_TOO_LARGE', /has 600\d+ bytes, expected at most 524288/],
      [(request: { readonly url: string }) => Symbol(request.url), 'ERR_NOT_CLONEABLE', /^offloaded\.context: found/],
    ] as const;
    for (const [context, code, message] of cases) {
      const { url, errors } = await appFor(t, route.with({ context }));
      assert.equal((await get(`${url}/tells`)).status, 500);
      assert.equal(errors[0]?.code, code);
      assert.match(errors[0]?.message ?? '', message);
    }
  });

  test('leaves what a context throws as it is', async (t) => {
    const route = offloadFor(t).with({ context: () => Promise.reject(new RangeError('who are you?')) });
    const app = express();
    app.get('/', route);
    const onError: ErrorRequestHandler = (error: Error, _request, response, _next) => void response.send(error.name);
    app.use(onError);
    await using running = await serve(app);
    assert.equal((await get(new URL('/', running.url).href)).text(), 'RangeError');
    await using bare = await serve(route);
    const answer = await get(bare.url);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text(), /who are you/);
    await assert.rejects(route(new Request('http://example.org/')), RangeError);
  });

  test('does nothing for a client that has gone before', async (t) => {
    const route = offloadFor(t);
    const koa = new Koa();
    koa.use(async (ctx, next) => {
      await once(ctx.res, 'close');
      await next();
    });
    koa.use(route);
    const listener = koa.callback();
    const apps: ((request: IncomingMessage, response: ServerResponse) => Promise<void>)[] = [
      (request, response) => once(response, 'close').then(() => route(request, response)),
      (request, response) => listener(request, response),
    ];
    for (const app of apps) {
      let [hasArrived, isDone] = [false, false];
      await using running = await serve((request, response) => {
        hasArrived = true;
        return app(request, response).then(() => {
          isDone = true;
        });
      });
      const client = new AbortController();
      // It would never end.
      const answer = get(`${running.url}/loops`, { signal: client.signal });
      await until(() => hasArrived, { describe: 'the request' });
      client.abort();
      await assert.rejects(answer);
      await until(() => isDone, { describe: 'the route to be done' });
    }
    // It has nothing to wait for.
    await route.close();
  });
});

suite('a body that the app has parsed', { timeout: 120_000 }, () => {
  test('is written anew, or else refused', async (t) => {
    const route = offloadFor(t, {}, 'fetches.mjs');
    const errors: PreforkError[] = [];
    const app = express();
    const onError: ErrorRequestHandler = (error: OffloadError, _request, response, _next) => {
      errors.push(error);
      response.status(error.status).end();
    };
    app.post('/json', express.json(), route);
    app.post('/form', express.urlencoded({ extended: true }), route);
    app.post('/text', express.text(), route);
    app.post('/raw', express.raw({ type: '*/*' }), route);
    app.post('/eaten', (request, _response, next) => request.resume().once('end', next), route);
    app.use(onError);
    await using running = await serve(app);
    const base = new URL(running.url).origin;
    const post = async (path: string, type: string, body: string | Uint8Array): Promise<Record<string, unknown>> =>
      (await get(`${base}${path}`, { method: 'POST', body, headers: { 'content-type': type } })).json() as Record<
        string,
        unknown
      >;

    const json = await post('/json', 'application/json; charset=utf-16le', Buffer.from('{ "a": ["ü"] }', 'utf16le'));
    assert.deepEqual([json['body'], json['type'], json['length']], ['{"a":["ü"]}', 'application/json; charset=utf-8', '12']);
    const form = await post('/form', 'application/x-www-form-urlencoded', 'a=1&a=2&b[c]=%C3%BC&b[d][]=3');
    assert.equal(decodeURIComponent(String(form['body'])), 'a=1&a=2&b[c]=ü&b[d]=3');
    assert.equal((await post('/text', 'text/plain; charset=latin1', Buffer.from('ü', 'latin1')))['body'], 'ü');
    assert.equal((await post('/raw', 'application/x-own', 'as it is'))['body'], 'as it is');
    assert.equal(errors.length, 0);
    assert.equal((await get(`${base}/eaten`, { method: 'POST', body: 'gone' })).status, 500);
    assert.equal(errors[0]?.code, 'ERR_BODY_READ');
  });
});

suite('an app that offloads', { timeout: 120_000 }, () => {
  for (const mode of ['pool', 'fork', 'thread'])
    test(`ends as it would without it, mode ${mode}`, async () => {
      const entry = new URL('../../src/offload/offload.js', import.meta.url).href;
      const script = join(root, 'test', 'fixtures', 'offload', 'script.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, [script, entry, mode]);
      assert.equal(stdout, mode === 'thread' ? '200 here\n' : '200 elsewhere\n');
    });

  test('may have middleware that holds the end of an answer back', async (t) => {
    const app = express();
    let release: (() => void) | undefined;
    // As compression does it, and sessions that are to be saved before.
    app.all('/base/:id/pipes', (_request, response, next) => {
      const end = response.end.bind(response) as (bytes?: unknown) => typeof response;
      response.end = (bytes?: unknown) => {
        release = () => void end(bytes);
        return response;
      };
      next();
    });
    app.all('/base/:id/:what', offloadFor(t));
    await using running = await serve(app);
    const headers = { 'content-type': 'text/plain' };
    const held = get(`${running.url}/pipes`, { method: 'POST', body: 'all of it', headers });
    const letGo = await until(() => release, { describe: 'the end of the answer', withinMs: 60_000 });
    // There is one worker: it has done with the first when it answers this one.
    assert.equal((await get(`${running.url}/nothing`)).status, 204);
    letGo();
    assert.deepEqual([(await held).status, (await held).text()], [200, 'all of it']);
  });

  test('may speak HTTP/2', async (t) => {
    const app = fastify({ http2: true });
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.all('/:what', offloadFor(t));
    const client = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    t.after(async () => {
      client.destroy();
      await app.close();
    });
    const stream = client.request({ ':path': '/tells?a=b', ':method': 'POST', 'content-type': 'application/x-own' });
    stream.end('without a length');
    const seen = (await jsonOf(stream)) as Record<string, unknown>;
    assert.deepEqual([seen['body'], seen['url'], seen['params']], ['without a length', '/tells?a=b', { what: 'tells' }]);
    const names = (seen['rawHeaders'] as string[]).filter((_, index) => index % 2 === 0);
    assert.deepEqual(names, ['content-type', 'host', 'transfer-encoding']);
  });

  test('needs no server: a route is a function from a Request to a Response', async (t) => {
    const route = offloadFor(t, { context: () => new Map([['since', new Date(0)]]) }, 'fetches.mjs');
    const form = new FormData();
    form.set('name', 'value');
    const response = await route(new Request('http://example.org/a?b=1&b=2', { method: 'POST', body: form }), {
      params: { id: 'x' },
    });
    const seen = (await response.json()) as Record<string, unknown>;
    assert.match(String(seen['type']), /^multipart\/form-data; boundary=/);
    assert.match(String(seen['body']), /name="name"\r\n\r\nvalue\r\n/);
    assert.deepEqual([seen['params'], seen['query']], [{ id: 'x' }, { b: ['1', '2'] }]);
    const client = new AbortController();
    client.abort();
    assert.equal((await route(new Request('http://example.org/', { signal: client.signal }))).status, 499);
    const eaten = new Request('http://example.org/', { method: 'POST', body: 'x' });
    await eaten.text();
    assert.match(await (await route(eaten)).text(), /"code":"ERR_BODY_READ"/);
  });
});
