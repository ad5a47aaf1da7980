import * as fc from 'fast-check';
import { HEADER_BYTES, writeHeader } from '../../src/channel/frame.ts';

export interface TestFrame {
  readonly type: number;
  readonly task: number;
  readonly payload: Buffer;
}

/** Frames of any type and task, mostly small, now and then as long as a piece of a body. */
export const anyFrame: fc.Arbitrary<TestFrame> = fc
  .tuple(
    fc.nat(255),
    fc.nat(0xffff_ffff),
    // Long ones are one byte over and over: to invent each would take most of the time of a test.
    fc.oneof(
      { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.tuple(fc.nat(70_000), fc.nat(255)).map(([length, byte]) => Buffer.alloc(length, byte)) },
    ),
  )
  .map(([type, task, payload]) => ({ type, task, payload }));

export function frameBytes({ type, task, payload }: TestFrame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, 0, type, task, payload.length);
  return Buffer.concat([header, payload]);
}

/** Cuts bytes at each of these fractions of their length; two alike give an empty piece. */
export function cut(bytes: Buffer, fractions: readonly number[]): Buffer[] {
  const places = fractions.map((fraction) => Math.floor(fraction * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

/** Where to cut, for `cut`. */
export const anyCuts: fc.Arbitrary<number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
