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
const REQUESTS = 300;
/** Files of prefork in a worker that answers requests: a new one costs each boot, so it has to be worth it. */
const MOST_FILES = 26;

describe('what a request costs', () => {
  let server: CountedServer;

  before(async () => {
    server = await CountedServer.start(ENTRY);
    await askOften(server.port, 20);
  });
  after(() => server[Symbol.asyncDispose]());

  it('is one frame and one write to the worker, and about four frames back', async () => {
    const [to, from] = [{ ...server.toWorker }, { ...server.toPrimary }];
    await askOften(server.port, REQUESTS);
    const { toWorker, toPrimary } = server;
    assert.equal(toWorker.frames - to.frames, REQUESTS);
    assert.equal(toWorker.writes - to.writes, REQUESTS);
    assert.ok(toPrimary.frames - from.frames < 4.5 * REQUESTS, `${toPrimary.frames - from.frames} frames came`);
    const bytes = (toWorker.bytes - to.bytes + toPrimary.bytes - from.bytes) / REQUESTS;
    assert.ok(bytes < 600, `${bytes} bytes a request crossed, expected less than 600`);
  });

  it('is no timer beside those of node:http', async () => {
    const bare = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': HELLO.length });
      response.end(HELLO);
    }).listen(0, '127.0.0.1');
    try {
      await once(bare, 'listening');
      const { port } = bare.address() as AddressInfo;
      const without = await timersDuring(() => askOften(port, REQUESTS));
      const timers = await timersDuring(() => askOften(server.port, REQUESTS));
      assert.ok(without >= REQUESTS, `node:http made ${without} timers: they are not counted any more`);
      // A timer in 20 ms for all tasks together is fine; one for each is not.
      assert.ok(timers - without < REQUESTS / 2, `${timers} timers for ${REQUESTS} requests, ${without} of them by node:http`);
    } finally {
      bare.close();
    }
  });

  it('is a worker that has loaded few files, none of them of another room', async () => {
    const answer = await get(`http://127.0.0.1:${server.port}/scripts`);
    const scripts = (answer.json() as string[]).filter((url) => !url.endsWith('/hello.mjs'));
    const strange = scripts.filter((url) => !/\/src\/(worker|channel)\/[a-z-]+\.js$/.test(url));
    assert.deepEqual(strange, []);
    assert.ok(scripts.length > 10, 'the files are not found any more');
    assert.ok(scripts.length <= MOST_FILES, `${scripts.length} files are loaded:\n${scripts.join('\n')}`);
  });
});

async function timersDuring(work: () => Promise<void>): Promise<number> {
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
  return count;
}
