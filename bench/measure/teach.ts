import { ask } from '../load/ask.ts';
import { nowMs } from '../now.ts';

/** After 32 long ones and not a short one prefork takes the next ones of a path for long (docs/scheduling.md); tries one in eight of these. */
const LESSONS = 34;
/** A prime that takes some 150 ms of trial division. */
const LESSON_NUMBER = 99_999_989;
/** Of prefork, above which a request is long. */
const QUANTUM_MS = 50;
const LIMIT_MS = 30_000;

/**
 * Has a server learn that the requests of a route are long, one after the other.
 * @throws Error when one was not answered, or was too short to teach it
 */
export async function teach(port: number, route: string): Promise<void> {
  for (let lesson = 0; lesson < LESSONS; lesson += 1) {
    const outcome = await ask({ port, route, number: LESSON_NUMBER, agent: false, limitMs: LIMIT_MS, sinceMs: nowMs() });
    if (outcome.kind !== 'answered')
      throw new Error(`a request that teaches was not answered (${outcome.kind === 'failed' ? outcome.why : outcome.kind})`);
    if (outcome.latencyMs <= QUANTUM_MS)
      throw new Error(`a request that teaches took ${outcome.latencyMs} ms, which is no more than a quantum`);
  }
}
