import assert from 'node:assert/strict';
import { PreforkError } from '../../src/errors/prefork-error.ts';

/** Asserts that `act` fails with ERR_BAD_OPTION and this very message. */
export async function expectBadOption(act: () => unknown, message: string): Promise<void> {
  await assert.rejects(
    async () => act(),
    (error: unknown) => {
      assert.ok(error instanceof PreforkError, String(error));
      assert.equal(error.message, message);
      assert.equal(error.code, 'ERR_BAD_OPTION');
      return true;
    },
  );
}
