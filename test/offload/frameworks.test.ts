import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type OffloadedRoute, offload } from '../../src/offload/offload.ts';
import { told } from '../pool/told.ts';
import { get, open } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { APP_COOKIE, APPS, type RunningApp } from './apps.ts';

const REPORT = pathToFileURL(join(root, 'test', 'fixtures', 'offload', 'report.mjs'));

/** All routes of all apps share these workers. */
let route: OffloadedRoute;
before(() => {
  route = offload(REPORT, { max: 2, context: (request) => ({ kind: typeof request }) });
});
after(() => route.close({ force: true }));

for (const [name, { params, body, knowsAddress, passesHints, query = '?a=1&b=x%20y', listen }] of Object.entries(APPS)) {
  // Where the framework is to be installed and the app to be built, the first time takes its time.
  suite(`an offloaded route of ${name}`, { timeout: 600_000 }, () => {
    let app: RunningApp;
    before(async () => {
      app = await listen(route);
    });
    after(() => app[Symbol.asyncDispose]());

    test('hands the request over, and what the app knows of it', async () => {
      const headers = { 'content-type': 'application/json', 'x-told': 'one, two' };
      const answer = await get(`${app.url}/tells?a=1&b=x%20y`, { method: 'POST', headers, body: '{ "text": "Größe" }' });
      assert.equal(answer.status, 200, answer.text());
      const seen = answer.json() as Record<string, unknown> & { headers: Record<string, string> };
      assert.notEqual(seen['pid'], process.pid);
      assert.equal(seen['method'], 'POST');
      assert.equal(seen['url'], `/base/7/tells${query}`);
      assert.equal(seen.headers['x-told'], 'one, two');
      assert.equal(seen.headers['host'], new URL(app.url).host);
      assert.deepEqual(seen['params'], params);
      assert.deepEqual(seen['query'], { a: '1', b: 'x y' });
      assert.deepEqual(seen['context'], { kind: 'object' });
      assert.equal(seen['body'], body);
      if (knowsAddress) assert.match(String(seen['remoteAddress']), /127\.0\.0\.1$/);
      assert.equal(seen['encrypted'], false);
    });

    test('has the headers of the app and of the worker', async () => {
      const { headers } = await get(`${app.url}/tells`);
      assert.deepEqual(
        new Set(headers['set-cookie']?.map((cookie) => cookie.split(';')[0])),
        new Set([APP_COOKIE, 'worker=1', 'two=2']),
      );
      const vary = String(headers['vary']).split(/, ?/);
      assert.ok(vary.includes('Origin') && vary.includes('Accept'), String(headers['vary']));
      assert.equal(headers['content-type'], 'application/json');
    });

    test('streams both ways', async () => {
      const sent = new PassThrough();
      const headers = { 'content-type': 'application/octet-stream' };
      // With it the client sends the head.
      sent.write('zero');
      const answer = await open(`${app.url}/pipes`, { method: 'POST', body: sent, headers });
      let received = '';
      answer.body.setEncoding('utf8').on('data', (piece: string) => {
        received += piece;
      });
      for (const piece of ['one', 'two', 'three']) {
        sent.write(piece);
        await until(() => received.endsWith(piece), { describe: () => `${piece} to come back, after ${received}` });
      }
      sent.end('!');
      await until(() => answer.body.readableEnded, { describe: 'the end of the answer' });
      assert.equal(received, 'zeroonetwothree!');
    });

    test('carries large bodies both ways, whatever they hold', async () => {
      const bytes = Buffer.alloc(3_000_000, 'a long story ');
      const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length };
      const answer = await get(`${app.url}/pipes`, { method: 'POST', body: bytes, headers });
      assert.ok(answer.body.equals(bytes));
    });

    test('has an answer without a body', async () => {
      const answer = await get(`${app.url}/nothing`);
      assert.deepEqual([answer.status, answer.body.length], [204, 0]);
      const head = await get(`${app.url}/tells`, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers['content-type'], head.body.length], [200, 'application/json', 0]);
    });

    test('has hints and trailers, where the framework lets them through', async () => {
      const hints: unknown[] = [];
      const request = httpRequest(`${app.url}/trailers`).on('information', ({ statusCode, headers }) => {
        hints.push([statusCode, headers['link']]);
      });
      request.end();
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      assert.equal(await text(answer), 'a body');
      assert.deepEqual(answer.trailers, passesHints ? { 'x-sum': '7' } : {});
      assert.deepEqual(hints, passesHints ? [[103, '</style.css>; rel=preload']] : []);
    });

    test('gives errors to the framework', async () => {
      const threw = await get(`${app.url}/throws`);
      assert.equal(threw.status, 500);
      assert.doesNotMatch(threw.text(), /no report today.*no report today|at ROUTES|report\.mjs/s);
      const died = await get(`${app.url}/exits`);
      assert.equal(died.status, 502);
      assert.equal((died.json() as { readonly code: string }).code, 'ERR_WORKER_DIED');
    });

    test('breaks off what the worker breaks off', async () => {
      // Whether the client gets the head before depends on who is faster.
      await assert.rejects(get(`${app.url}/late`));
    });

    test('tells the worker when the client is gone', async (t) => {
      const { file, written } = await told(t);
      const client = new AbortController();
      const answer = get(`${app.url}/waits?file=${encodeURIComponent(file('told'))}`, { signal: client.signal });
      await written('told.begun');
      assert.equal(existsSync(file('told')), false);
      client.abort();
      await assert.rejects(answer);
      await written('told');
    });
  });
}
