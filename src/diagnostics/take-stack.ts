import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RawFrame } from '../channel/observation.ts';
import { observeWhole, type Observable, refusal } from './observe.ts';
import { toStackFrames } from './frames.ts';
import { readRawStack } from './raw-stack.ts';
import { findSources } from './source-maps.ts';
import type { StackFrame, StackReport } from './stack-report.ts';
import { conclude, cpuPercentOf } from './verdict.ts';

const SAMPLES = 3;
const EVERY_MS = 100;
/** Three stacks of a hundred frames with long names. */
const MOST_BYTES = 4 * 1024 * 1024;
const LARGEST_SOURCE_BYTES = 4 * 1024 * 1024;
const LONGEST_LINE = 200;
const OWN_URL = new URL('../', import.meta.url).href;
const OWN_FOLDER = fileURLToPath(OWN_URL);

/**
 * Finds where a worker is and what it does there: three looks 100 ms apart. It costs the worker a few milliseconds, and it goes on as before.
 *
 * @throws PreforkError ERR_OBSERVE when it ends meanwhile, or a debugger is attached to it; the reason of the signal when that aborts
 */
export async function takeStack(worker: Observable, signal: AbortSignal): Promise<StackReport> {
  const takenAt = new Date().toISOString();
  const askedMs = performance.now();
  const json = await observeWhole(worker, { what: 'stack', samples: SAMPLES, everyMs: EVERY_MS }, signal, MOST_BYTES);
  const answeredMs = performance.now();
  const raw = readRawStack(json);
  if (raw === undefined) throw refusal(worker, 'its answer makes no sense');
  const samples = await Promise.all(
    raw.samples.map(async (sample) => {
      if (sample.found !== 'frames') return null;
      const frames = toStackFrames(sample.frames, await findSources(sample.frames.map(withoutOwnMap)), OWN_FOLDER);
      return frames.some(isOfHandler) ? frames : null;
    }),
  );
  const cpuPercent = cpuPercentOf(raw);
  const { verdict, summary } = conclude(raw, samples, cpuPercent, process.cwd());
  const frames = lastWithFrames(samples);
  const thread = raw.thread.at(-1) ?? null;
  return {
    pid: worker.pid,
    worker: worker.id,
    takenAt,
    tookMs: Math.max(0, answeredMs - askedMs - (raw.allAfterMs - raw.firstAfterMs)),
    verdict,
    summary,
    frames,
    source: await readSource(frames),
    samples,
    resources: raw.resources,
    thread: thread === null ? null : { state: thread.state, waitChannel: thread.waitChannel, systemCall: thread.systemCall },
    cpuPercent,
  };
}

/** Nobody has to look into our own source; with the frames of a handler there are always some of ours. */
function withoutOwnMap(frame: RawFrame): RawFrame {
  return frame.url.startsWith(OWN_URL) ? { ...frame, mapped: false } : frame;
}

/** Where neither the user's code nor a package's is on the stack, none of it runs: it is a tick of Node's or of ours. */
function isOfHandler({ origin }: StackFrame): boolean {
  return origin === 'user' || origin === 'dependency';
}

function lastWithFrames(samples: readonly (readonly StackFrame[] | null)[]): readonly StackFrame[] {
  const withFrames = samples.filter((frames) => frames !== null);
  return withFrames.findLast((frames) => frames.some(({ origin }) => origin === 'user')) ?? withFrames.at(-1) ?? [];
}

async function readSource(frames: readonly StackFrame[]): Promise<StackReport['source']> {
  const frame = frames.find(({ origin, file }) => origin === 'user' && file.startsWith('/'));
  if (frame === undefined) return null;
  const { file, line } = frame;
  try {
    // A path comes from the worker: no pipe or device is to be read.
    const stats = await stat(file);
    if (!stats.isFile() || stats.size > LARGEST_SOURCE_BYTES) return null;
    const text = (await readFile(file, 'utf8')).split('\n')[line - 1];
    return text === undefined ? null : { file, line, text: text.trim().slice(0, LONGEST_LINE) };
  } catch {
    return null;
  }
}
