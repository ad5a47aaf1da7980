/**
 * What a spare does while it waits: it runs a call of nothing on a worker that speaks to nobody. The first task of a process else takes its way
 * through code that was never compiled, which is half of its time (docs/decisions/0020-boot-of-a-worker.md). No code of the user is run, and
 * nothing goes out.
 */
import { encodeValue } from '../channel/value.ts';
import type { FunctionsModule } from './load-functions.ts';
import { frameOf } from './nowhere.ts';

/** In place of the user's: whatever is called returns what it was given. */
export const ECHO: FunctionsModule = {
  config: {},
  setup: () => undefined,
  teardown: () => undefined,
  find: () => (value) => value,
};

/** The bytes of a call with the given arguments. */
export function callOf(args: readonly unknown[]): Buffer {
  return frameOf({
    type: 'StartCall',
    task: 1,
    slot: 0,
    ahead: false,
    streamed: false,
    streams: false,
    yields: false,
    name: 'echo',
    bytes: encodeValue(args, 'args').pieces as readonly Buffer[],
  });
}
