import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../../src/channel/frame.ts';
import { PROTOCOL_VERSION } from '../../src/channel/messages.ts';
import type { Transport } from '../../src/channel/transport.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { HEAD } from './request-head.ts';
import { WorkerChild } from './child.ts';

/** sysexits.h: EX_PROTOCOL. */
const EXIT_PROTOCOL = 76;
const BOOT_MS = 30_000;

async function ready(child: WorkerChild): Promise<void> {
  await until(() => child.find('Ready'), { describe: () => `the worker to boot; stderr: ${child.stderr}`, withinMs: BOOT_MS });
}

suite('a worker process', () => {
  test('says that it is ready, with the version of the protocol and the config of the handler', async () => {
    await using child = new WorkerChild();
    child.boot(handler('detached.mjs'));
    await ready(child);
    assert.deepEqual(child.data?.received, [
      { type: 'Ready', protocol: PROTOCOL_VERSION, config: { detached: true }, thread: 0 },
    ]);
  });

  for (const protocol of [0, PROTOCOL_VERSION + 1]) {
    test(`does not boot for a primary that speaks version ${protocol}`, async () => {
      await using child = new WorkerChild();
      child.boot(handler('echo.mjs'), { protocol });
      assert.equal(await child.exited, EXIT_PROTOCOL);
      assert.deepEqual(child.data?.received, []);
    });
  }

  test('runs no task before it is ready', async () => {
    await using child = new WorkerChild();
    child.send({ type: 'StartTask', task: 1, slot: 0, ahead: false, head: HEAD });
    assert.equal(await child.exited, EXIT_PROTOCOL);
    assert.deepEqual(child.data?.received, []);
  });

  test('runs no second task under the number of one that runs', async () => {
    await using child = new WorkerChild();
    child.boot(handler('never.mjs'));
    await ready(child);
    child.send({ type: 'StartTask', task: 1, slot: 0, ahead: false, head: HEAD });
    child.send({ type: 'StartTask', task: 1, slot: 0, ahead: false, head: HEAD });
    assert.equal(await child.exited, EXIT_PROTOCOL);
  });

  test('ends when it is sent more of a body than it allowed', async () => {
    await using child = new WorkerChild();
    child.boot(handler('never.mjs'));
    await ready(child);
    child.send({ type: 'StartTask', task: 1, slot: 0, ahead: false, head: { ...HEAD, method: 'POST', hasBody: true } });
    const bytes = Buffer.alloc(64 * 1024);
    for (let count = 0; count < 16; count += 1) child.send({ type: 'Body', task: 1, bytes });
    assert.equal(await child.exited, EXIT_PROTOCOL);
  });

  for (const [what, bytes] of [
    ['garbage', Buffer.alloc(100, 0xff)],
    ['a frame beyond the limit', Buffer.from(Uint32Array.of(MAX_PAYLOAD_BYTES + 1).buffer)],
    ['an order that is none', Buffer.from([0, 0, 0, 0, 255, 0, 0, 0, 0])],
  ] as const) {
    test(`ends at ${what}`, async () => {
      let data: Transport | undefined;
      await using child = new WorkerChild({ raw: (transport) => (data = transport) });
      data?.listen(
        () => {},
        () => {},
      );
      data?.write(Buffer.concat([bytes, Buffer.alloc(HEADER_BYTES)]));
      assert.equal(typeof (await child.exited), 'number');
    });
  }

  test('ends when its data socket closes, and when its control socket closes', async () => {
    await using idle = new WorkerChild();
    idle.boot(handler('echo.mjs'));
    await ready(idle);
    idle.data?.link.destroy();
    assert.equal(await idle.exited, 0);

    await using orphan = new WorkerChild();
    orphan.boot(handler('echo.mjs'));
    await ready(orphan);
    orphan.leave();
    assert.equal(await orphan.exited, 'SIGKILL');
  });

  test('sends heartbeats from the start, with memory and CPU time', async () => {
    await using child = new WorkerChild();
    await until(() => child.heartbeats.length >= 2, { describe: 'two heartbeats', withinMs: BOOT_MS });
    for (const message of child.heartbeats) {
      assert.ok(message.type === 'Heartbeat' && message.vitals.rssBytes > 2 ** 20 && message.vitals.cpuMicros > 0);
    }
  });
});
