/**
 * Finds where a thread is, again and again, and lets it go on each time. A pause is a request that the thread takes up between two
 * instructions. One that runs no JavaScript does not take it up until it does, so that it would stop in the middle of a later task:
 * then a script of our own is sent after it, which takes the pause upon itself and tells that the thread was idle. A thread in native code
 * answers nothing at all; whatever it has been sent it finds later, the order to forget it all last.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread, RawFrame, RawSample, ThreadFacts } from '../channel/observation.ts';
import { activeResources } from './active-resources.ts';
import { OUR_SCRIPT } from './evaluate.ts';

/** A thread that has not answered for so long, and had a CPU meanwhile, is in native code or in a system call. */
const SILENT_AFTER_MS = 250;
/** The same where the system does not tell whether it had a CPU. */
const SILENT_AFTER_MS_UNSEEN = 1000;
/** A thread that was given so much CPU and did not answer has had its chance: to begin with a debugger takes up to 100 ms of it. */
const CHANCE_CPU_MS = 200;
/** No longer than that even for a thread that gets no CPU at all. */
const STARVED_AFTER_MS = 5000;
const LOOK_EVERY_MS = 10;
/** A thread that runs stops at once after it has said that it will. */
const STOPS_WITHIN_MS = 5;

/** Of a recursion without end there are ten thousand. */
const MOST_FRAMES = 100;
const LONGEST_NAME = 200;
const LONGEST_URL = 4096;

interface Script {
  readonly url: string;
  readonly mapped: boolean;
}

export class StackSampler {
  readonly #thread: InspectedThread;
  readonly #scripts = new Map<string, Script>();
  #users = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** Asked to stop, and has not stopped yet. */
  #asked = false;
  #askedTimes = 0;
  /** Where it stands still, as long as it does. */
  #standsAt: readonly RawFrame[] | undefined;
  #onStopped: ((sample: RawSample) => void) | undefined;
  #resources: Readonly<Record<string, number>> | null = null;

  constructor(thread: InspectedThread) {
    this.#thread = thread;
    thread.on('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) => {
      const mapped = typeof sourceMapURL === 'string' && sourceMapURL !== '';
      this.#scripts.set(String(scriptId), { url: String(url), mapped });
    });
    thread.on('Debugger.paused', ({ callFrames }) => this.#stopped(callFrames));
    thread.on('Debugger.resumed', () => this.#goesOn());
  }

  /** What kept the event loop of the thread alive when it was found idle last; null if it never was. */
  get resources(): Readonly<Record<string, number>> | null {
    return this.#resources;
  }

  /** To be called before the first sample. While it is open the thread compiles slightly slower code. */
  open(): void {
    this.#users += 1;
    if (this.#users === 1) void this.#post('Debugger.enable');
  }

  close(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    // It also takes back a pause that was not taken up, and lets a thread go that has just stopped.
    void this.#post('Debugger.disable');
    this.#asked = false;
    this.#scripts.clear();
  }

  /** Samples of several observers are taken one after the other. */
  sample(): Promise<RawSample> {
    const sample = this.#turn.then(() => this.#sample());
    this.#turn = sample;
    return sample;
  }

  /** Resolves when no sample is being taken. */
  async rests(): Promise<void> {
    await this.#turn;
  }

  async #sample(): Promise<RawSample> {
    let looking: NodeJS.Timeout | undefined;
    const sample = await new Promise<RawSample>((resolve) => {
      this.#onStopped = resolve;
      const patience = new Patience(this.#thread.facts());
      looking = setInterval(() => {
        if (patience.isOver(this.#thread.facts())) resolve({ found: 'silent' });
      }, LOOK_EVERY_MS);
      // One pause at a time: a thread that has not taken up the last one will.
      if (!this.#asked) void this.#ask();
    });
    clearInterval(looking);
    this.#onStopped = undefined;
    return sample;
  }

  async #ask(): Promise<void> {
    this.#asked = true;
    this.#askedTimes += 1;
    const turn = this.#askedTimes;
    if ((await this.#post('Debugger.pause')) === undefined) return;
    await delay(STOPS_WITHIN_MS);
    if (!this.#waitsFor(turn)) return;
    const resources = await activeResources(this.#thread);
    if (resources === undefined) return;
    this.#resources = resources;
    // It was not even stopped by that, whatever the reason: as good as idle.
    if (this.#waitsFor(turn)) this.#deliver([]);
  }

  #waitsFor(turn: number): boolean {
    return this.#asked && this.#askedTimes === turn && this.#standsAt === undefined;
  }

  #stopped(callFrames: unknown): void {
    // Whoever asked: nobody else is there to let it go on.
    void this.#post('Debugger.resume');
    this.#standsAt = this.#readFrames(callFrames);
  }

  /** Only now: a pause that is asked for while it still stands is taken for granted, and never comes. */
  #goesOn(): void {
    if (this.#standsAt !== undefined) this.#deliver(this.#standsAt);
    this.#standsAt = undefined;
  }

  #deliver(frames: readonly RawFrame[]): void {
    this.#asked = false;
    this.#onStopped?.(frames.length === 0 ? { found: 'idle' } : { found: 'frames', frames });
  }

  #readFrames(callFrames: unknown): readonly RawFrame[] {
    if (!Array.isArray(callFrames)) return [];
    const frames = callFrames.slice(0, MOST_FRAMES).map((frame: unknown) => this.#readFrame(frame as ProtocolFrame));
    return frames.filter(({ url }) => url !== OUR_SCRIPT);
  }

  #readFrame({ functionName, location, url: ownUrl }: ProtocolFrame): RawFrame {
    const script = this.#scripts.get(location.scriptId);
    const url = script?.url ?? ownUrl;
    return {
      function: functionName.slice(0, LONGEST_NAME),
      // The code itself may be in it.
      url: url.slice(0, url.startsWith('data:') ? LONGEST_NAME : LONGEST_URL),
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
      mapped: script?.mapped ?? false,
    };
  }

  /** Undefined when the thread refused, or is gone. */
  async #post(method: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      return await this.#thread.post(method);
    } catch {
      return undefined;
    }
  }
}

/** https://chromedevtools.github.io/devtools-protocol/v8/Debugger/#type-CallFrame */
interface ProtocolFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

/** How long a thread is waited for: on a crowded machine it is not its fault that it does not answer. */
class Patience {
  readonly #before: ThreadFacts | undefined;
  readonly #sinceMs = performance.now();

  constructor(before: ThreadFacts | undefined) {
    this.#before = before;
  }

  isOver(facts: ThreadFacts | undefined): boolean {
    const waitedMs = performance.now() - this.#sinceMs;
    if (waitedMs < SILENT_AFTER_MS) return false;
    if (facts === undefined || this.#before === undefined) return waitedMs >= SILENT_AFTER_MS_UNSEEN;
    const wantsCpu = facts.state === 'R' && facts.cpuMs - this.#before.cpuMs < CHANCE_CPU_MS;
    return !wantsCpu || waitedMs >= STARVED_AFTER_MS;
  }
}
