import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { HEADER_BYTES } from '../../src/channel/frame.ts';
import { JOURNAL_BYTES, type JournalMemory, JournalWriter, readJournal } from '../../src/channel/journal.ts';
import { MemoryFile } from '../../src/channel/memory-file.ts';
import { Outbox } from '../../src/channel/outbox.ts';
import { SharedJournal } from '../../src/channel/shared-journal.ts';
import type { Transport } from '../../src/channel/transport.ts';
import { until } from '../support/until.ts';
import { primaryEnd, workerEnd } from './ends.ts';
import { holds } from './holds.ts';
import { TRANSPORTS } from './transports.ts';

interface Sides {
  readonly writer: JournalMemory;
  readonly reader: JournalMemory;
  close(): void;
}

/** Both kinds of memory that there are, with the sides of writer and reader. */
const MEMORIES: Readonly<Record<string, () => Sides>> = {
  'a file in memory': () => {
    const file = MemoryFile.create(randomUUID());
    assert.ok(file !== undefined, 'there is /dev/shm on Linux');
    return { writer: file.journal, reader: new MemoryFile(file.fd).journal, close: () => file.close() };
  },
  'shared memory': () => {
    const writer = new SharedJournal();
    return { writer, reader: new SharedJournal(writer.memory), close: () => {} };
  },
};
const kinds = Object.entries(MEMORIES).filter(([name]) => process.platform === 'linux' || name === 'shared memory');

/** A transport that takes everything at once, or holds it. */
function slowTransport(): Transport & { readonly written: Buffer[]; held: number } {
  const written: Buffer[] = [];
  return {
    written,
    held: 0,
    get bufferedBytes() {
      return this.held;
    },
    write: (bytes) => void written.push(Buffer.from(bytes)),
    afterWrites: (callback) => callback(),
    listen: () => {},
    end: () => {},
    destroy: () => {},
  };
}

type Step = { readonly do: 'add'; readonly payload: Buffer } | { readonly do: 'keep' | 'flush' | 'hold' | 'release' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => ({ do: 'add' as const, payload: Buffer.from(bytes) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(3000, 9000, 16_384, 20_000, 70_000)
      .map((length) => ({ do: 'add' as const, payload: Buffer.alloc(length, 7) })),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('keep' as const, 'flush' as const, 'hold' as const, 'release' as const)
      .map((what) => ({ do: what })),
  },
);

for (const [name, make] of kinds) {
  suite(`a journal in ${name}`, () => {
    const open = (t: TestContext): Sides => {
      const sides = make();
      t.after(() => sides.close());
      return sides;
    };

    test('has what was kept and not received, to the byte, and nothing else', () => {
      holds(
        fc.property(fc.array(anyStep, { maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
          const sides = make();
          const { writer, reader } = sides;
          const transport = slowTransport();
          const outbox = new Outbox(transport);
          outbox.use(new JournalWriter(writer));
          const said: Buffer[] = [];
          let kept = 0;
          let begun = 0;
          for (const [index, step] of steps.entries()) {
            if (step.do === 'add') {
              outbox.add(1, index, step.payload);
              const header = Buffer.alloc(HEADER_BYTES);
              header.writeUInt32LE(step.payload.length, 0);
              header[4] = 1;
              header.writeUInt32LE(index, 5);
              said.push(header, step.payload);
            } else if (step.do === 'keep') {
              if (outbox.keep(index + 1)) [kept, begun] = [lengthOf(said), index + 1];
            } else if (step.do === 'flush') {
              outbox.flush();
              assert.equal(lengthOf(transport.written), lengthOf(said), 'everything is with the transport');
            } else transport.held = step.do === 'hold' ? 1 : 0;
          }
          const written = lengthOf(transport.written);
          const all = Buffer.concat(said);
          assert.deepEqual(Buffer.concat(transport.written), all.subarray(0, written));
          // All that was written, or only some of it.
          for (const received of [written, Math.floor(share * written)]) {
            const found = readJournal(reader, received);
            const end = received + lengthOf(found.bytes);
            assert.deepEqual(Buffer.concat(found.bytes), all.subarray(received, end));
            if (received === written) {
              assert.equal(end, Math.max(kept, written));
              assert.equal(found.begun, kept >= written ? begun : 0);
            }
          }
          outbox.flush();
          sides.close();
        }),
        400,
      );
    });

    test('is empty before anything was written, and when the last record is cut off', (t) => {
      const { writer, reader } = open(t);
      assert.deepEqual(readJournal(reader, 0), { bytes: [], begun: 0 });
      const journal = new JournalWriter(writer);
      const page = Buffer.from('first second');
      assert.ok(journal.append(0, 1, page, 0, 6));
      assert.ok(journal.append(6, 2, page, 6, 12));
      assert.deepEqual(Buffer.concat(readJournal(reader, 0).bytes).toString(), 'first second');
      const whole = reader.read();
      assert.ok(whole !== undefined);
      // The process ended in the midst of the write of the second one: any part of it may be missing.
      for (let bytes = 23; bytes < 12 + 6 + 4 + 12 + 6 + 4; bytes += 1) {
        const torn = Buffer.alloc(whole.length);
        whole.copy(torn, 0, 0, bytes);
        const found = readJournal({ ...reader, read: () => torn }, 0);
        assert.equal(Buffer.concat(found.bytes).toString(), 'first ', `${bytes} bytes were written`);
        assert.equal(found.begun, 1);
      }
    });

    test('positions pass the 32 bits that they have', (t) => {
      const { writer, reader } = open(t);
      const journal = new JournalWriter(writer);
      const page = Buffer.from('abcdefgh');
      assert.ok(journal.append(0xffff_fffc, 0, page, 0, 4));
      assert.ok(journal.append(0, 9, page, 4, 8));
      assert.equal(Buffer.concat(readJournal(reader, 0xffff_fffe).bytes).toString(), 'cdefgh');
      assert.equal(Buffer.concat(readJournal(reader, 2).bytes).toString(), 'gh');
      assert.deepEqual(readJournal(reader, 4), { bytes: [], begun: 9 });
      assert.deepEqual(readJournal(reader, 5), { bytes: [], begun: 0 });
      assert.deepEqual(readJournal(reader, 0xffff_fff0), { bytes: [], begun: 0 }, 'what is before it comes by the channel');
    });

    test('takes no more than it has room for', (t) => {
      const { writer } = open(t);
      const journal = new JournalWriter(writer);
      const page = Buffer.alloc(JOURNAL_BYTES);
      assert.equal(journal.append(0, 1, page, 0, JOURNAL_BYTES), false);
      assert.equal(journal.append(0, 1, page, 0, JOURNAL_BYTES - 20), true);
      assert.equal(journal.append(JOURNAL_BYTES - 20, 2, page, 0, 1), false);
      journal.begin();
      assert.equal(journal.append(JOURNAL_BYTES - 20, 2, page, 0, 1), true);
    });

    for (const [channel, pair] of Object.entries(TRANSPORTS)) {
      test(`over a ${channel}: what was caught up with comes once`, async (t) => {
        const { writer, reader } = open(t);
        const [near, far] = await pair(t);
        const begun: number[] = [];
        const primary = primaryEnd(near, { onBegun: (task) => begun.push(task) });
        primary.link.follow((received) => readJournal(reader, received));
        const worker = workerEnd(far);
        worker.link.use(new JournalWriter(writer));
        worker.link.send({ type: 'TaskStarted', task: 1 });
        assert.equal(worker.link.keep(2), true);
        worker.link.send({ type: 'TaskStarted', task: 3 });
        primary.link.catchUp();
        assert.deepEqual(primary.received, [{ type: 'TaskStarted', task: 1 }]);
        assert.deepEqual(begun, [2]);
        primary.link.catchUp();
        assert.deepEqual([primary.received.length, begun], [1, [2]], 'nothing is told again');
        assert.equal(worker.link.keep(4), true);
        worker.link.flush();
        worker.link.send({ type: 'Pong' });
        await until(() => primary.received.length === 3, { describe: 'all messages' });
        assert.deepEqual(
          primary.received.map(({ type }) => type),
          ['TaskStarted', 'TaskStarted', 'Pong'],
        );
        // It ends with words that were never sent.
        worker.link.send({ type: 'TaskStarted', task: 5 });
        assert.equal(worker.link.keep(6), true);
        worker.link.destroy();
        await primary.closed();
        assert.deepEqual(
          [primary.received.at(-1), primary.received.length, begun],
          [{ type: 'TaskStarted', task: 5 }, 4, [2, 6]],
        );
      });
    }
  });
}

function lengthOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}
