import { setTimeout as wait } from 'node:timers/promises';
import { machineSeconds, shareOfMachine } from './processes.ts';

const LOOK_MS = 400;

/** What of the machine is in use while this process waits, 0 to 1: by whatever else runs on it. */
export async function othersShare(): Promise<number> {
  const [sinceMs, before] = [performance.now(), machineSeconds()];
  await wait(LOOK_MS);
  const after = machineSeconds();
  const used = after.busy + after.stolen - before.busy - before.stolen;
  return shareOfMachine(used, (performance.now() - sinceMs) / 1000);
}
