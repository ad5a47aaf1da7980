import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Family } from '../measure/family.ts';

/** What is asked, and what the right answer is. */
export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Bytes of the body that is sent; 0 for none. */
  readonly uploadBytes: number;
  readonly answerBytes: number;
  /** The body of the right answer; null where it is too long to be compared as a whole. */
  readonly answer: string | null;
}

export interface Flood extends Question {
  readonly port: number;
  readonly connections: 'kept' | 'new';
  /** Connections that are open, of which `atOnce` have a request on its way; no fewer than these. */
  readonly open: number;
  readonly atOnce: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface FloodResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests without a right answer, by what happened; the time to warm up is among it. */
  readonly failed: Readonly<Record<string, number>>;
  /** CPU time of the generator for each request. */
  readonly cpuMicros: number;
}

export const BEGUN = 'begun';
export const ENDED = 'ended';
const SPARE_SECONDS = 30;
const FILE = fileURLToPath(new URL('flood.js', import.meta.url));

/**
 * Runs the generator, and calls `look` when its measuring begins and when it ends.
 * @throws Error when the generator does not end in time
 */
export async function sendFlood(flood: Flood, look: () => void = () => {}): Promise<FloodResult> {
  const family = new Family();
  const child = spawn(process.execPath, [FILE, JSON.stringify(flood)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: family.environment(),
  });
  family.begin(child.pid);
  const limit = setTimeout(() => family.endNow(), (flood.warmUpSeconds + flood.seconds + SPARE_SECONDS) * 1000);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === BEGUN || line === ENDED) look();
      else return JSON.parse(line) as FloodResult;
    }
    throw new Error('the load generator ended without a result; see above');
  } finally {
    clearTimeout(limit);
    await family.end();
  }
}
