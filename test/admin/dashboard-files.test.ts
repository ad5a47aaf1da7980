import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type TestContext, test } from 'node:test';
import { DashboardFiles } from '../../src/admin/dashboard-files.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { askAdmin } from './ask-admin.ts';

const AS_BROWSER = { headers: { Accept: 'text/html,*/*;q=0.8' } };

async function serveFolder(t: TestContext, folder: string): Promise<number> {
  const files = new DashboardFiles(pathToFileURL(`${folder}/`));
  const server = createServer((request, response) => {
    void files.answer(request, response, request.url ?? '').then((isAnswered) => {
      if (!isAnswered) response.writeHead(418).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a browser gets the page under a policy that lets nothing in, and its assets for good', async () => {
  await using server = await startServer({ entry: handler('tiny.mjs'), args: ['--admin-port', '0'] });
  const [, link = ''] = await server.waitForStdout(/admin on (\S+)/);
  const port = Number(new URL(link).port);
  const page = await askAdmin(port, '/', AS_BROWSER);
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['cache-control'], 'no-cache');
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|data:|\*/);
  assert.doesNotMatch(page.text, /<style|<script(?![^>]*src=)|style=/);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(assets.length >= 3, page.text);
  let gzipped = gzipSync(page.text).length;
  for (const path of assets) {
    const asset = await askAdmin(port, path);
    gzipped += gzipSync(asset.text).length;
    assert.equal(asset.status, 200, path);
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.match(String(asset.headers['content-type']), /^(text\/javascript|text\/css|image\/svg)/);
  }
  assert.ok(gzipped < 60 * 1024, `the page is ${gzipped} bytes when gzipped, which is more than 60 KB`);
  assert.equal((await askAdmin(port, '/assets/nothing.js')).status, 404);
  assert.match((await askAdmin(port, '/')).text, /^prefork: the admin API/, 'who is no browser gets the text');
});

test('no path leads out of the folder', async (t) => {
  const folder = await temporaryFolder(t, {});
  mkdirSync(join(folder, 'dashboard', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.js'), 'secret');
  writeFileSync(join(folder, 'dashboard', 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'dashboard', 'assets', 'a-1.js'), 'ours');
  const port = await serveFolder(t, join(folder, 'dashboard'));
  assert.equal((await askAdmin(port, '/assets/a-1.js')).text, 'ours');
  for (const path of [
    '/assets/../../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/../index.html',
    '/assets/',
    '/index.html',
  ])
    assert.equal((await askAdmin(port, path, AS_BROWSER)).status, 418, path);
});

test('a dashboard that was not built is said in a line, and found when it is', async (t) => {
  const folder = await temporaryFolder(t, {});
  const port = await serveFolder(t, folder);
  const missing = await askAdmin(port, '/', AS_BROWSER);
  assert.equal(missing.status, 404);
  assert.match(missing.text, /^prefork: the dashboard is not there: .*npm run build.*\n$/);
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  assert.equal((await askAdmin(port, '/', AS_BROWSER)).status, 200);
});
