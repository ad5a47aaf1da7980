import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import answer, { config } from '../../examples/prime/server.ts';

const ask = (path: string, init?: RequestInit) => answer(new Request(`http://localhost:5000${path}`, init));

test('asks for five minutes and says that it may be run again', () => {
  assert.deepEqual(config, { deadline: '5m', idempotent: true });
});

for (const [number, prime, divisor] of [
  [7, true, null],
  [9, false, 3],
  [0, false, null],
] as const) {
  test(`answers ${number} as JSON`, async () => {
    const response = ask(`/?number=${number}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    const { ms, ...rest } = Object(await response.json());
    assert.deepEqual(rest, { number, prime, divisor, pid: process.pid });
    assert.ok(typeof ms === 'number' && ms >= 0 && ms < 1000, `ms is ${ms}`);
  });
}

test('answers a wrong number with a problem that says what was found and expected', async () => {
  const response = ask('/?number=abc');
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.deepEqual(await response.json(), {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'Found "abc"; expected a whole number from 0 to 9007199254740991, in decimal digits, as in /?number=7.',
  });
});

test('answers HEAD without the work', async () => {
  const response = ask('/?number=9007199254740881', { method: 'HEAD' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(await response.text(), '');
});

test('refuses other paths and other methods', () => {
  assert.equal(ask('/prime?number=7').status, 404);
  assert.equal(ask('/favicon.ico').status, 404);
  const post = ask('/?number=7', { method: 'POST', body: 'x' });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get('allow'), 'GET, HEAD');
});

test('shows a page that needs nothing from elsewhere', async () => {
  const response = ask('/');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  const page = await response.text();
  assert.match(page, /href="\/\?number=29355126551"/);
  assert.match(page, /href="\/\?number=7"/);
  for (const mode of ['blocking', 'fork', 'pool', 'thread', 'cluster']) assert.ok(page.includes(`<dt>${mode}</dt>`), mode);
  assert.doesNotMatch(page, /https?:|<script|style=|@import|url\(/);
});

test('allows by its policy the style sheet of the page and nothing more', async () => {
  const response = ask('/');
  const policy = response.headers.get('content-security-policy') ?? '';
  const style = /<style>([^]*)<\/style>/.exec(await response.text())?.[1] ?? '';
  assert.ok(style.length > 100);
  assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`), policy);
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
});
