import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { get } from '../support/http.ts';
import { root } from '../support/paths.ts';
import { askOften, CountedServer, HELLO } from './counted-server.ts';

const ENTRY = join(root, 'test/fixtures/counts/hello.mjs');
const REQUESTS = 50;
/** The least of them counts: on a machine that is starved of CPU, tasks are looked after that are never looked after else. */
const TRIES = 8;
/** Files of prefork in a worker that answers requests: a new one costs each boot, so it has to be worth it. */
const MOST_FILES = 7;

describe('what a request costs', () => {
  let server: CountedServer;

  before(async () => {
    server = await CountedServer.start(ENTRY);
    await askOften(server.port, 20);
  });
  after(() => server[Symbol.asyncDispose]());

  it('is one frame and one write to the worker, and two frames in one write back', async () => {
    const { toWorker, toPrimary } = server;
    const count = (): readonly number[] => [
      toWorker.frames,
      toWorker.writes,
      toPrimary.frames,
      toPrimary.writes,
      toWorker.bytes + toPrimary.bytes,
    ];
    const [out = 0, writes = 0, back = 0, writesBack = 0, bytes = 0] = await leastPerRequest(async () => {
      const earlier = count();
      await askOften(server.port, REQUESTS);
      return count().map((now, index) => now - (earlier[index] ?? 0));
    });
    assert.equal(out, 1);
    assert.equal(writes, 1);
    assert.ok(back < 2.5, `${back} frames came for each request`);
    assert.ok(writesBack < 1.3, `${writesBack} writes came for each request`);
    assert.ok(bytes < 300, `${bytes} bytes crossed for each request`);
  });

  it('is no timer beside those of node:http', async () => {
    const bare = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': HELLO.length });
      response.end(HELLO);
    }).listen(0, '127.0.0.1');
    try {
      await once(bare, 'listening');
      const { port } = bare.address() as AddressInfo;
      const [without = 0] = await leastPerRequest(() => timersDuring(() => askOften(port, REQUESTS)));
      const [timers = 0] = await leastPerRequest(() => timersDuring(() => askOften(server.port, REQUESTS)));
      assert.ok(without >= 1, `node:http made ${without} timers for each request: they are not counted any more`);
      // A timer now and then for all tasks together is fine; one for each is not.
      assert.ok(timers - without < 0.5, `${timers} timers for each request, ${without} of them by node:http`);
    } finally {
      bare.close();
    }
  });

  it('is a worker that has loaded few files, none of them of another room', async () => {
    const answer = await get(`http://127.0.0.1:${server.port}/scripts`);
    const scripts = (answer.json() as string[]).filter((url) => !url.endsWith('/hello.mjs'));
    const strange = scripts.filter((url) => !/\/src\/worker\/[a-z-]+\.cjs$/.test(url));
    assert.deepEqual(strange, []);
    assert.ok(scripts.length > 2, 'the files are not found any more');
    assert.ok(scripts.length <= MOST_FILES, `${scripts.length} files are loaded:\n${scripts.join('\n')}`);
  });
});

async function leastPerRequest(count: () => Promise<readonly number[]>): Promise<readonly number[]> {
  const tries: (readonly number[])[] = [];
  for (let index = 0; index < TRIES; index += 1) tries.push(await count());
  return (tries[0] ?? []).map((_, index) => Math.min(...tries.map((each) => each[index] ?? Number.NaN)) / REQUESTS);
}

async function timersDuring(work: () => Promise<void>): Promise<readonly number[]> {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout') count += 1;
    },
  }).enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return [count];
}
