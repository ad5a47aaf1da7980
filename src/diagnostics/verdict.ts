import { relative } from 'node:path';
import type { RawStack, ThreadFacts } from '../channel/observation.ts';
import { EVALUATED } from './frames.ts';
import type { StackFrame, Verdict } from './stack-report.ts';

/** What one sample found, for a person. */
type Finding = Exclude<Verdict, 'mixed'>;

/** A thread that uses less of a CPU than this sleeps in the call in which it was found. Being looked at alone takes up to 20 %. */
const SLEEPS_BELOW_PERCENT = 40;

export interface Conclusion {
  readonly verdict: Verdict;
  readonly summary: string;
}

/**
 * What the samples say together, as one word and as one sentence.
 *
 * @param samples frames of each, null for those in which nothing of the handler ran
 * @param folder paths below it are shown from there
 */
export function conclude(
  raw: RawStack,
  samples: readonly (readonly StackFrame[] | null)[],
  cpuPercent: number | null,
  folder: string,
): Conclusion {
  const sleeping = sleepingIn(raw, samples, cpuPercent);
  const findings = raw.samples.map((sample, index): Finding => {
    if (sample.found === 'silent') return 'native';
    const frames = samples[index];
    if (sleeping.includes(index)) return 'native';
    if (frames === null || frames === undefined) return 'waiting';
    return 'computing';
  });
  const kinds = [...new Set(findings)];
  const [only] = kinds;
  const place = placeOf(samples, folder);
  if (only !== undefined && kinds.length === 1) {
    const often = `for ${findings.length} of ${findings.length} samples`;
    return { verdict: only, summary: describe(only, raw, place, cpuPercent, often) };
  }
  const parts = kinds.map((kind) => {
    const often = `${findings.filter((finding) => finding === kind).length} of ${findings.length} samples`;
    return describe(kind, raw, place, cpuPercent, `in ${often}`);
  });
  return { verdict: 'mixed', summary: `now one, now the other: ${parts.join('; ')}` };
}

/** CPU time of the thread between the first and the last sample, percent of that time; null where it is not known. */
export function cpuPercentOf({ thread, elapsedMs }: RawStack): number | null {
  const [first, last] = [thread[0] ?? null, thread.at(-1) ?? null];
  if (first === null || last === null || elapsedMs <= 0) return null;
  return Math.min(100, Math.max(0, Math.round((100 * (last.cpuMs - first.cpuMs)) / elapsedMs)));
}

function describe(finding: Finding, raw: RawStack, place: string | undefined, cpuPercent: number | null, often: string): string {
  switch (finding) {
    case 'computing':
      return `computing in ${place ?? 'unnamed code'}, ${often}`;
    case 'waiting':
      return `waiting, no JavaScript runs, ${often}: ${keptAlive(raw.resources)}`;
    case 'native': {
      const from = place === undefined ? '' : `, called from ${place}`;
      return `${nativeCall(raw.thread.at(-1) ?? null, cpuPercent)}${from}, ${often}`;
    }
  }
}

function nativeCall(facts: ThreadFacts | null, cpuPercent: number | null): string {
  if (facts === null) return 'in native code or in a synchronous call, which lets nobody look at the stack';
  if (facts.state === 'T' || facts.state === 't') return 'stopped by a signal';
  if (facts.state === 'R' || (cpuPercent ?? 0) >= SLEEPS_BELOW_PERCENT)
    return 'computing in native code, which lets nobody look at the stack';
  const call = facts.systemCall ?? 'one that is not known';
  return `in a synchronous call: ${call}${facts.waitChannel === null ? '' : ` (${facts.waitChannel})`}`;
}

function keptAlive(resources: RawStack['resources']): string {
  if (resources === null) return 'what it waits for is not known';
  const kinds = Object.entries(resources).map(([kind, count]) => `${count} ${kind}`);
  if (kinds.length === 0) return 'nothing is under way that could end the wait, such as a promise that nobody settles';
  return `its event loop has ${kinds.join(', ')}`;
}

/**
 * The samples in which the thread sat in a call that it can be woken from for a moment, such as `Atomics.wait`: JavaScript is on the stack
 * and none runs. A thread that computes sleeps now and then too, while it collects garbage, and one that sleeps may have been woken by
 * another observer: so most of them count for all.
 */
function sleepingIn(raw: RawStack, samples: readonly (readonly StackFrame[] | null)[], cpuPercent: number | null): number[] {
  const withFrames = [...samples.keys()].filter((index) => (samples[index] ?? null) !== null);
  const asleep = withFrames.filter((index) => sleepsInCall(raw.thread[index] ?? null));
  return (cpuPercent ?? 100) < SLEEPS_BELOW_PERCENT && 2 * asleep.length > withFrames.length ? withFrames : [];
}

function sleepsInCall(facts: ThreadFacts | null): boolean {
  // Asleep in epoll is an event loop at rest; what ran when it was stopped began after that.
  return facts !== null && /^[SD]$/.test(facts.state) && facts.systemCall !== null && !facts.systemCall.startsWith('epoll');
}

/**
 * The function that most samples have on the stack, and the innermost of these: a loop calls this and that, and is there always.
 * The user's own before that of a package.
 */
function placeOf(samples: readonly (readonly StackFrame[] | null)[], folder: string): string | undefined {
  for (const origin of ['user', 'dependency'] as const) {
    const lists = samples.map((frames) => (frames ?? []).filter((frame) => frame.origin === origin));
    const last = lists.findLast((frames) => frames.length > 0);
    if (last === undefined) continue;
    const counts = last.map((frame) => lists.filter((frames) => frames.some((other) => isSame(frame, other))).length);
    const frame = last[counts.indexOf(Math.max(...counts))];
    if (frame === undefined) continue;
    if (frame.file !== EVALUATED) return show(frame, folder);
    const caller = last.slice(last.indexOf(frame)).find(({ file }) => file !== EVALUATED);
    return `${frame.function} of evaluated code${caller === undefined ? '' : `, called from ${show(caller, folder)}`}`;
  }
  return undefined;
}

function isSame(one: StackFrame, other: StackFrame): boolean {
  return one.function === other.function && one.file === other.file;
}

function show({ function: name, file, line }: StackFrame, folder: string): string {
  return `${name} (${showFile(file, folder)}:${line})`;
}

function showFile(file: string, folder: string): string {
  if (!file.startsWith('/')) return file;
  const path = relative(folder, file);
  return path.startsWith('..') || path === '' ? file : path;
}
