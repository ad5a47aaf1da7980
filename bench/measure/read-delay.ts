import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from '../now.ts';

/** How late the samples of an event loop came, in ms: see event-loop-delay.mjs. */
export interface EventLoopDelay {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const LIMIT_MS = 5000;

/** Asks the probe in a process by a signal, and reads the file that it writes; undefined when it does not. */
export async function readDelay(child: ChildProcess, path: string): Promise<EventLoopDelay | undefined> {
  rmSync(path, { force: true });
  const untilMs = nowMs() + LIMIT_MS;
  child.kill('SIGUSR2');
  while (!existsSync(path)) {
    if (nowMs() > untilMs) return undefined;
    await wait(10);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as EventLoopDelay;
}
