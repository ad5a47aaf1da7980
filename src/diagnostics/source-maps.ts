import { Worker } from 'node:worker_threads';
import type { RawFrame } from '../channel/observation.ts';
import type { SourcePlace } from './frames.ts';
import type { MappingAnswer, MappingOrder, MappingWork } from './source-map-thread.ts';

/** The thread ends when nobody has asked for so long; its maps go with it. */
const IDLE_MS = 10_000;
/** A map of a huge bundle takes a second or two. */
const ANSWERS_WITHIN_MS = 30_000;

/**
 * Finds where frames come from in the sources that their code was made of. Reading a large source map takes a second of CPU, which the
 * primary has not: a thread does it, that lives for as long as it is needed. Most handlers never need it: what prefork compiles has
 * the lines of its source.
 *
 * @returns undefined for a frame without a source map, and for all where the map can not be read: then a frame stays as it is
 */
export async function findSources(frames: readonly RawFrame[]): Promise<readonly (SourcePlace | undefined)[]> {
  const indexes = [...frames.keys()].filter((index) => frames[index]?.mapped === true);
  if (indexes.length === 0) return [];
  const asked = indexes.flatMap((index) => frames[index] ?? []);
  const answer = await ask({ what: 'places', places: asked.map(({ url, line, column }) => ({ url, line, column })) });
  if (answer?.what !== 'places') return [];
  const found: (SourcePlace | undefined)[] = [];
  for (const [order, index] of indexes.entries()) found[index] = answer.places[order] ?? undefined;
  return found;
}

/** A CPU profile, as JSON, with the places of the sources; as it was where there are none, or where they can not be found. */
export async function mapProfile(json: string): Promise<string> {
  const answer = await ask({ what: 'profile', json });
  return answer?.what === 'profile' ? answer.json : json;
}

interface Asking {
  readonly thread: Worker;
  readonly waiting: Map<number, (answer: MappingAnswer | undefined) => void>;
}

let asking: Asking | undefined;
let nextId = 1;
let idleTimer: NodeJS.Timeout | undefined;

function ask(work: MappingWork): Promise<MappingAnswer | undefined> {
  asking ??= start();
  const { thread, waiting } = asking;
  const id = nextId;
  nextId += 1;
  clearTimeout(idleTimer);
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(thread), ANSWERS_WITHIN_MS);
    timer.unref();
    waiting.set(id, (answer) => {
      clearTimeout(timer);
      waiting.delete(id);
      if (waiting.size === 0) {
        idleTimer = setTimeout(() => end(thread), IDLE_MS);
        idleTimer.unref();
      }
      resolve(answer);
    });
    thread.postMessage({ id, work } satisfies MappingOrder);
  });
}

function start(): Asking {
  const thread = new Worker(new URL('source-map-thread.js', import.meta.url), { execArgv: [], env: {} });
  thread.unref();
  const started: Asking = { thread, waiting: new Map() };
  thread.on('message', ({ id, answer }: { id: number; answer: MappingAnswer }) => started.waiting.get(id)?.(answer));
  // What can not be mapped is shown as it is.
  thread.on('error', () => end(thread));
  thread.on('exit', () => end(thread));
  return started;
}

function end(thread: Worker): void {
  if (asking?.thread !== thread) return;
  const { waiting } = asking;
  asking = undefined;
  for (const resolve of waiting.values()) resolve(undefined);
  clearTimeout(idleTimer);
  void thread.terminate();
}
