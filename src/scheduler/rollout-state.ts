import type { ReplaceReason } from './types.ts';

/** Which workers are to be replaced while they serve, and how far that is. The rules are in rollout.ts. */
export class Rollout {
  /** The code in force. */
  generation = 1;
  /** Workers that serve on until another one can take their place, in the order in which they are to go. */
  readonly outdated = new Map<number, ReplaceReason>();
  /** Workers that have booted since, and whose coming has made none of them go yet. */
  arrived = 0;
  /** Of those with old code, how many were told to end. */
  replaced = 0;
  /** `CodeServes` is due when none of them is left. */
  isAwaited = false;
  /** Since when nothing gets on, because all places are taken by workers that end. */
  blockedSinceMs: number | undefined;

  get isActive(): boolean {
    return this.outdated.size > 0;
  }
}
