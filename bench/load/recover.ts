import { nowMs } from '../now.ts';
import { ask } from './ask.ts';
import { ANSWER_LIMIT_MS } from './phases.ts';

/** An answer within this time says that the server has caught up. */
const CAUGHT_UP_MS = 1000;
const LIMIT_MS = 8000;

/** After a phase that a server could not follow: lets it finish what nobody waits for any more, for at most 8 s. */
export async function recover(port: number): Promise<void> {
  const untilMs = nowMs() + LIMIT_MS;
  while (nowMs() < untilMs) {
    const outcome = await ask({ port, number: 7, agent: false, limitMs: ANSWER_LIMIT_MS, sinceMs: nowMs() });
    if (outcome.kind === 'answered' && outcome.latencyMs < CAUGHT_UP_MS) return;
  }
}
