import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_BODY_FRAME_BYTES } from '../../src/channel/frame.ts';
import { BODY_WINDOW_BYTES } from '../../src/channel/messages.ts';
import { ReceiveWindow, SendWindow } from '../../src/channel/window.ts';
import { holds } from './holds.ts';

/** A body on its way: what was sent and has not arrived, what has arrived and was not consumed, and credits under way back. */
class Model {
  readonly #sending = new SendWindow();
  readonly #receiving = new ReceiveWindow();
  readonly #piecesUnderWay: number[] = [];
  readonly #creditsUnderWay: number[] = [];
  #unconsumedBytes = 0;
  #waits = false;
  openings = 0;
  sentBytes = 0;
  consumedBytes = 0;

  get isOpen(): boolean {
    return this.#sending.isOpen;
  }

  /** Sends one piece, as a source does that stops when the window is shut. */
  send(bytes: number): void {
    if (!this.#sending.isOpen) return;
    this.#sending.spend(bytes);
    this.#piecesUnderWay.push(bytes);
    this.sentBytes += bytes;
    if (this.#sending.isOpen || this.#waits) return;
    this.#waits = true;
    this.#sending.onceOpen(() => {
      assert.ok(this.#sending.isOpen);
      this.#waits = false;
      this.openings += 1;
    });
  }

  arrive(): void {
    const bytes = this.#piecesUnderWay.shift();
    if (bytes === undefined) return;
    this.#unconsumedBytes += bytes;
    assert.ok(this.#receiving.receive(bytes), 'a sender that keeps to the protocol was taken for one that does not');
  }

  /** Consumes at most so many bytes; all of them where it is left out. */
  consume(atMostBytes?: number): void {
    const bytes = Math.min(atMostBytes ?? this.#unconsumedBytes, this.#unconsumedBytes);
    this.#unconsumedBytes -= bytes;
    this.consumedBytes += bytes;
    const credit = atMostBytes === undefined ? this.#receiving.consumeAll() : this.#receiving.consume(bytes);
    if (credit > 0) this.#creditsUnderWay.push(credit);
  }

  credit(): void {
    const bytes = this.#creditsUnderWay.shift();
    if (bytes !== undefined) this.#sending.add(bytes);
  }

  /** Lets everything that is under way arrive. */
  settle(): void {
    while (this.#piecesUnderWay.length > 0) this.arrive();
    this.consume();
    while (this.#creditsUnderWay.length > 0) this.credit();
  }

  check(): void {
    const heldBytes = this.sentBytes - this.consumedBytes;
    // The last piece may have been in hand when one byte of the window was left.
    assert.ok(heldBytes < BODY_WINDOW_BYTES + MAX_BODY_FRAME_BYTES, `${heldBytes} bytes are under way or not consumed`);
    assert.equal(this.#waits, !this.#sending.isOpen, 'who waits for the window must be called when it opens, and only then');
  }
}

type Step = (model: Model) => void;
const anyPiece = fc.integer({ min: 1, max: MAX_BODY_FRAME_BYTES });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: anyPiece.map(
      (bytes): Step =>
        (model) =>
          model.send(bytes),
    ),
  },
  { weight: 3, arbitrary: fc.constant<Step>((model) => model.arrive()) },
  {
    weight: 2,
    arbitrary: fc.nat(2 * MAX_BODY_FRAME_BYTES).map(
      (bytes): Step =>
        (model) =>
          model.consume(bytes),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((model) => model.consume()) },
  { weight: 2, arbitrary: fc.constant<Step>((model) => model.credit()) },
);

suite('windows', () => {
  test('whatever the order of events, at most a window and a piece are under way, and nothing is ever stuck', () => {
    holds(
      fc.property(fc.array(anyStep, { maxLength: 300, size: 'max' }), (steps) => {
        const model = new Model();
        for (const step of steps) {
          step(model);
          model.check();
        }
        model.settle();
        model.check();
        assert.ok(model.isOpen, 'all was consumed, and the sender still waits');
        assert.equal(model.consumedBytes, model.sentBytes);
      }),
      2000,
    );
  });

  test('a body far larger than the window gets through a receiver that consumes at once', () => {
    const model = new Model();
    const totalBytes = 40 * BODY_WINDOW_BYTES;
    while (model.sentBytes < totalBytes) {
      const before = model.sentBytes;
      while (model.isOpen) model.send(MAX_BODY_FRAME_BYTES);
      model.settle();
      model.check();
      assert.ok(model.sentBytes > before);
    }
    assert.ok(model.openings >= 39);
  });

  test('a receiver that consumes nothing stops the sender after a window', () => {
    const model = new Model();
    for (let count = 0; count < 1000; count += 1) {
      model.send(1000);
      model.arrive();
    }
    assert.equal(model.sentBytes, Math.ceil(BODY_WINDOW_BYTES / 1000) * 1000);
  });

  test('a receiver that lies about its credit gains no more than a window', () => {
    holds(
      fc.property(fc.array(fc.nat(0xffff_ffff), { maxLength: 20 }), (credits) => {
        const sending = new SendWindow();
        for (const bytes of credits) sending.add(bytes);
        sending.spend(BODY_WINDOW_BYTES);
        assert.equal(sending.isOpen, false);
      }),
    );
  });

  test('a sender that does not wait is found out, at the latest after two windows', () => {
    holds(
      fc.property(fc.array(anyPiece, { minLength: 1, maxLength: 50 }), (pieces) => {
        const receiving = new ReceiveWindow();
        let receivedBytes = 0;
        let isTrusted = true;
        for (let index = 0; isTrusted; index += 1) {
          const bytes = pieces[index % pieces.length] ?? 1;
          receivedBytes += bytes;
          isTrusted = receiving.receive(bytes);
          assert.equal(isTrusted, receivedBytes <= 2 * BODY_WINDOW_BYTES);
        }
      }),
      200,
    );
  });

  test('credit is worth a message from a quarter of the window on, and never given twice', () => {
    holds(
      fc.property(fc.array(fc.nat(MAX_BODY_FRAME_BYTES), { maxLength: 60 }), (pieces) => {
        const receiving = new ReceiveWindow();
        let consumedBytes = 0;
        let creditedBytes = 0;
        for (const bytes of pieces) {
          receiving.receive(bytes);
          consumedBytes += bytes;
          const credit = receiving.consume(bytes);
          assert.ok(credit === 0 || credit >= BODY_WINDOW_BYTES / 4);
          creditedBytes += credit;
          assert.ok(creditedBytes <= consumedBytes && consumedBytes - creditedBytes < BODY_WINDOW_BYTES / 4);
        }
      }),
    );
  });

  test('an opening calls back once, and the last one who asked', () => {
    const sending = new SendWindow();
    const called: string[] = [];
    sending.spend(BODY_WINDOW_BYTES + 10);
    sending.onceOpen(() => called.push('first'));
    sending.onceOpen(() => called.push('second'));
    sending.add(10);
    assert.deepEqual(called, []);
    sending.add(1);
    sending.add(1);
    sending.spend(2);
    sending.add(1);
    assert.deepEqual(called, ['second']);
  });
});
