import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { compileTemplate } from '../../src/http/template.ts';

const parts = {
  method: 'GET',
  url: '/api/users/7?size=large&size=small&q=a%20b',
  headers: { 'x-tenant': 'acme', 'set-cookie': ['a', 'b'] },
  socket: { remoteAddress: '127.0.0.1' },
};
const request = parts as unknown as IncomingMessage;

for (const [template, expected] of [
  ['', ''],
  ['fixed', 'fixed'],
  ['{method} {path}', 'GET /api/users/7'],
  ['{path.1}:{path.2}:{path.3}:{path.4}', 'api:users:7:'],
  ['{query.size}|{query.q}|{query.none}', 'large|a b|'],
  ['{header.X-Tenant}', 'acme'],
  ['{header.x-none}', ''],
  ['{ip}', '127.0.0.1'],
  ['{{{method}}}', '{GET}'],
] as const) {
  test(`${JSON.stringify(template)} gives ${JSON.stringify(expected)}`, () => {
    assert.equal(compileTemplate(template, 'key')(request), expected);
  });
}

test('a request that has nothing of it gives an empty text', () => {
  const bare = { headers: {}, socket: {} } as unknown as IncomingMessage;
  assert.equal(compileTemplate('{method}{path}{path.2}{query.a}{header.b}{ip}', 'key')(bare), '');
});

test('a long text is cut: clients choose it', () => {
  const long = { ...parts, url: `/${'x'.repeat(10_000)}` } as unknown as IncomingMessage;
  assert.equal(compileTemplate('{path}', 'key')(long).length, 256);
});

for (const wrong of [
  '{size}',
  '{method',
  'path}',
  '{}',
  '{query.}',
  '{header.a b}',
  '{path.0}',
  '{path.x}',
  '{method.x}',
  '{ip.4}',
]) {
  test(`${JSON.stringify(wrong)} is refused`, () => {
    assert.throws(() => compileTemplate(wrong, "the handler's config.key"), {
      code: 'ERR_BAD_OPTION',
      message: /^the handler's config\.key: found ".*", expected text with \{method\}, \{path\}/,
    });
  });
}
