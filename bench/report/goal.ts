/** What the project promises, with what was measured. `met` is null where the run did not measure it. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean | null;
}

/** The server of ours that the goals are about. */
export const SUBJECT = 'prefork-pool';
/** How many long ones are open where goals look. */
export const GOAL_LONG: readonly number[] = [8, 32];
