import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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
  /** Requests that are on their way at once, each on a connection of its own. */
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

const SPARE_SECONDS = 30;
const FILE = fileURLToPath(new URL('flood.js', import.meta.url));

/** @throws Error when the generator does not end in time */
export async function sendFlood(flood: Flood): Promise<FloodResult> {
  const timeout = (flood.warmUpSeconds + flood.seconds + SPARE_SECONDS) * 1000;
  const { stdout } = await promisify(execFile)(process.execPath, [FILE, JSON.stringify(flood)], {
    timeout,
    killSignal: 'SIGKILL',
  });
  return JSON.parse(stdout) as FloodResult;
}
