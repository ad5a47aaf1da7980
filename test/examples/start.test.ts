import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { root } from '../support/paths.ts';

/** Runs what `npm start` runs, until it ends by itself. */
async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(root, 'examples/prime/start.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  return { code, stdout, stderr };
}

test('a port that is taken ends npm start with 4, and one line', { timeout: 60_000 }, async (t) => {
  const other = createServer();
  t.after(() => other.close());
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const port = String(address.port);
  for (const { args, env } of [
    { args: ['blocking', port], env: {} },
    { args: ['blocking'], env: { PORT: port } },
  ]) {
    const { code, stdout, stderr } = await start(args, env);
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, new RegExp(`^prefork: port ${port} .* in use .* \\(ERR_PORT_IN_USE\\)\\n$`));
  }
});

test('a mode that there is not ends it with 2', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await start(['threads', '0']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^prefork: .*"threads", expected one of blocking, .*\n$/);
});
