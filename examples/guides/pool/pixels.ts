import { report, signal, transfer } from 'prefork/worker';

let amount = 0;

/** Before the first call, with the option `workerData`. */
export function setup(data: { by: number }): void {
  amount = data.by;
}

/** Before the worker ends, unless it is killed: what was opened is closed here. */
export function teardown(): void {
  amount = 0;
}

export const config = { deadline: '2m', idempotent: true };

/** Makes every pixel brighter, and says how far it is. */
export function brighten(pixels: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let index = 0; index < pixels.length; index += 1) {
    if (index % 1_000_000 === 0) {
      report(index / pixels.length);
      signal().throwIfAborted();
    }
    pixels[index] = Math.min(255, (pixels[index] ?? 0) + amount);
  }
  // Its memory is given away, and not copied here.
  return transfer(pixels, [pixels.buffer]);
}
