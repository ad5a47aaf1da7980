import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { ProtocolError, STORED, TAKEN, writeHeader } from '../../src/channel/frame.ts';
import { ANSWER_WINDOW_BYTES } from '../../src/channel/messages.ts';
import { MemoryFile, REGION_BYTES, REGIONS } from '../../src/channel/memory-file.ts';
import { SideWay } from '../../src/channel/side-way.ts';
import { until } from '../support/until.ts';
import { primaryEnd, workerEnd } from './ends.ts';
import { TRANSPORTS } from './transports.ts';

const NOTHING = Buffer.alloc(0);

function memoryFile(t: TestContext): MemoryFile {
  const file = MemoryFile.create(randomUUID());
  assert.ok(file !== undefined, 'Linux has /dev/shm');
  t.after(() => file.close());
  return file;
}

suite('a file in memory', () => {
  test('has no name, and gives back what was written, each piece in memory of its own', (t) => {
    const file = memoryFile(t);
    assert.deepEqual(
      readdirSync('/dev/shm').filter((name) => name.startsWith('prefork-')),
      [],
    );
    const pieces = [Buffer.from('one'), NOTHING, Buffer.alloc(1_000_000, 'large')];
    assert.equal(file.write(2, pieces), true);
    const read = file.read(2, [3, 0, 1_000_000]);
    assert.deepEqual(read, pieces);
    assert.deepEqual(
      read.map(({ byteOffset, buffer }) => [byteOffset, buffer.byteLength]),
      [
        [0, 3],
        [0, 0],
        [0, 1_000_000],
      ],
    );
  });

  test('says when less is there than was announced', (t) => {
    const file = memoryFile(t);
    file.write(0, [Buffer.from('short')]);
    assert.throws(() => file.read(0, [6]), RangeError);
  });

  test('that can not be written to has no room', () => {
    const file = MemoryFile.create(randomUUID());
    file?.close();
    assert.equal(file?.write(0, [Buffer.from('late')]), false);
  });
});

suite('the side way', () => {
  test('has so many regions in each direction, and each is free again when the other side has read it', (t) => {
    const file = memoryFile(t);
    const [primary, worker] = [new SideWay(file, 'primary'), new SideWay(file, 'worker')];
    const words = Array.from({ length: REGIONS }, (_, index) => primary.store([Buffer.from([index])], 1, Buffer.from('rest')));
    assert.equal(primary.store([Buffer.from('x')], 1, NOTHING), undefined);
    assert.ok(worker.store([Buffer.from('its own')], 7, NOTHING) !== undefined, 'the other direction is free');
    const taken = words.map((word) => worker.take(word ?? NOTHING));
    assert.deepEqual(
      taken.map(({ bytes, payload }) => [bytes[0]?.[0], payload.toString()]),
      [0, 1, 2, 3].map((index) => [index, 'rest']),
    );
    for (const { region } of taken) primary.freed(region);
    assert.ok(primary.store([Buffer.from('x')], 1, NOTHING) !== undefined);
  });

  test('is too narrow for what is larger than a region', (t) => {
    const sideWay = new SideWay(memoryFile(t), 'primary');
    assert.equal(sideWay.store([], REGION_BYTES + 1, NOTHING), undefined);
    assert.ok(sideWay.store([Buffer.alloc(REGION_BYTES)], REGION_BYTES, NOTHING) !== undefined);
  });

  const word = (region: number, lengths: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(5 + 4 * lengths.length);
    bytes.writeUInt8(region, 0);
    bytes.writeUInt32LE(lengths.length, 1);
    for (const [index, length] of lengths.entries()) bytes.writeUInt32LE(length, 5 + 4 * index);
    return bytes;
  };
  const cutOff = Buffer.from([REGIONS, 0xff, 0xff, 0, 0]);
  for (const [name, bytes] of [
    ['nothing', NOTHING],
    ['less than it announces', cutOff],
    ['a region of our own', word(0, [1])],
    ['a region that is none', word(2 * REGIONS, [1])],
    ['more than a region holds', word(REGIONS, [REGION_BYTES, 1])],
    ['more than was written', word(REGIONS, [REGION_BYTES])],
  ] as const) {
    test(`ends with a peer whose word has ${name}`, (t) => {
      const sideWay = new SideWay(memoryFile(t), 'primary');
      assert.throws(() => sideWay.take(bytes), ProtocolError);
    });
  }

  test('ends with a peer that gives back what it does not have', (t) => {
    const sideWay = new SideWay(memoryFile(t), 'primary');
    for (const region of [0, REGIONS, 99]) assert.throws(() => sideWay.freed(region), ProtocolError);
  });
});

suite('a link with a side way', () => {
  /** Both ends of one. */
  async function sharing(
    t: TestContext,
  ): Promise<{ primary: ReturnType<typeof primaryEnd>; worker: ReturnType<typeof workerEnd> }> {
    const [near, far] = await TRANSPORTS.socket(t);
    const [primary, worker] = [primaryEnd(near), workerEnd(far)];
    const file = memoryFile(t);
    primary.link.share(new SideWay(file, 'primary'));
    worker.link.share(new SideWay(file, 'worker'));
    return { primary, worker };
  }

  test('hands over messages in their order, whichever way their bytes took', async (t) => {
    const { primary, worker } = await sharing(t);
    const large = Buffer.alloc(300_000, 'large');
    const start = {
      type: 'StartCall',
      slot: 1,
      ahead: false,
      streamed: false,
      streams: false,
      yields: false,
      name: 'f',
      bytes: NOTHING,
    } as const;
    // More than there are regions: each is used again.
    for (let round = 0; round < 5; round += 1) {
      for (let task = 1; task <= REGIONS; task += 1) {
        primary.link.send({ type: 'CancelTask', task: 100 + task });
        assert.equal(primary.link.sendLarge({ ...start, task }, [large, Buffer.from([task])], large.length + 1), true);
      }
      assert.equal(primary.link.sendLarge({ ...start, task: 9 }, [large], large.length), false);
      const count = 2 * REGIONS * (round + 1);
      await until(() => worker.received.length === count, { describe: 'all messages' });
      // An answer comes behind the word that the regions are free.
      worker.link.send({ type: 'Pong' });
      await until(() => primary.received.length === round + 1, { describe: 'the answer' });
    }
    assert.deepEqual(worker.received.slice(0, 2), [
      { type: 'CancelTask', task: 101 },
      { ...start, task: 1, bytes: [large, Buffer.from([1])] },
    ]);
    assert.equal(
      worker.link.sendLarge({ type: 'CallReturned', task: 1, micros: 5, bytes: NOTHING }, [large], large.length),
      true,
    );
    await until(() => primary.received.length === 6, { describe: 'the result' });
    assert.deepEqual(primary.received[5], { type: 'CallReturned', task: 1, micros: 5, bytes: [large] });
  });

  test('hands over a part of a body in one piece', async (t) => {
    const { primary, worker } = await sharing(t);
    const part = Buffer.alloc(ANSWER_WINDOW_BYTES, 'part');
    assert.equal(worker.link.sendLarge({ type: 'Body', task: 1, bytes: NOTHING }, [part], part.length), true);
    await until(() => primary.received.length === 1, { describe: 'the part' });
    assert.deepEqual(primary.received, [{ type: 'Body', task: 1, bytes: part }]);
  });

  for (const [name, pieces] of [
    ['is in two pieces', [Buffer.alloc(70_000), Buffer.alloc(1)]],
    ['is none', []],
    ['is larger than a window', [Buffer.alloc(ANSWER_WINDOW_BYTES + 1)]],
  ] as const) {
    test(`ends with a peer whose part of a body ${name}`, async (t) => {
      const { primary, worker } = await sharing(t);
      const byteLength = pieces.reduce((sum, { length }) => sum + length, 0);
      assert.equal(worker.link.sendLarge({ type: 'Body', task: 1, bytes: NOTHING }, pieces, byteLength), true);
      assert.match((await primary.closed())?.message ?? '', /a part of a body/);
      assert.deepEqual(primary.received, []);
    });
  }

  for (const [name, code] of [
    ['of a stored value', STORED],
    ['that memory is free', TAKEN],
  ] as const) {
    test(`that has none ends at word ${name}`, async (t) => {
      const [near, far] = await TRANSPORTS.socket(t);
      const primary = primaryEnd(near);
      const frame = Buffer.alloc(9);
      writeHeader(frame, 0, code, 0, 0);
      far.write(frame);
      assert.match((await primary.closed())?.message ?? '', /no memory is shared/);
      assert.equal(
        primary.link.sendLarge(
          {
            type: 'StartCall',
            task: 1,
            slot: 1,
            ahead: false,
            streamed: false,
            streams: false,
            yields: false,
            name: 'f',
            bytes: NOTHING,
          },
          [],
          0,
        ),
        false,
      );
    });
  }
});
