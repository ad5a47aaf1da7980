/**
 * Finds where a thread is, again and again, and lets it go on each time. A pause is a request that the thread takes up between two
 * instructions. One that runs no JavaScript would take it up later, in the middle of another task, and one in native code finds it when it
 * comes back: so what is not taken up soon is taken back, by the end of the debugger, before anything else is asked.
 *
 * Nothing that runs JavaScript may be asked while a pause is under way. Node 20 to 26 (src/inspector/main_thread_interface.cc): where a thread is
 * stopped inside of such a question, and something else is posted just before it stands still, nobody tells it that there is something to read,
 * and it stands still for ever. Hence `between`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedThread, RawFrame, RawSample, ThreadFacts } from '../channel/observation.ts';
import { activeResources } from './active-resources.ts';

/** Where the system does not tell whether a thread had a CPU, it is waited for longer. */
const SILENT_AFTER_MS_UNSEEN = 1000;
/** A thread that was given so much CPU and did not answer has had its chance: to begin with a debugger takes up to 100 ms of it. */
const CHANCE_CPU_MS = 200;
/** No longer than that even for a thread that gets no CPU at all. */
const STARVED_AFTER_MS = 5000;
const LOOK_EVERY_MS = 10;
/** A thread has to be seen asleep for as long, in two looks at least, before that says anything. */
const ASLEEP_AFTER_MS = 5;
const SHORT_PATIENCE_MS = 250;
const RESOURCES_WITHIN_MS = 1000;
/** A thread that has said that it will stop does so at once if it runs JavaScript; one that sleeps after that time runs none. */
const STOPS_WITHIN_MS = 20;
/** The same where the system does not tell whether it sleeps. */
const STOPS_WITHIN_MS_UNSEEN = 100;

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
  #enabled = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Where it stands still, as long as it does. */
  #standsAt: readonly RawFrame[] | undefined;
  #onFound: ((sample: RawSample) => void) | undefined;
  #resources: Readonly<Record<string, number>> | null = null;
  readonly #whenClosed: (() => void)[] = [];

  constructor(thread: InspectedThread) {
    this.#thread = thread;
    thread.on('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) => {
      const mapped = typeof sourceMapURL === 'string' && sourceMapURL !== '';
      this.#scripts.set(String(scriptId), { url: String(url), mapped });
    });
    thread.on('Debugger.paused', ({ callFrames }) => {
      // Whoever asked: nobody else is there to let it go on.
      void this.#post('Debugger.resume');
      this.#standsAt = this.#readFrames(callFrames);
    });
    // Only now: a pause that is asked for while it still stands is taken for granted, and never comes.
    thread.on('Debugger.resumed', () => {
      const frames = this.#standsAt;
      this.#standsAt = undefined;
      if (frames !== undefined) this.#onFound?.({ found: 'frames', frames });
    });
  }

  /** What kept the event loop of the thread alive when it was found idle last; null if it never was. */
  get resources(): Readonly<Record<string, number>> | null {
    return this.#resources;
  }

  /** To be called before the first sample. While it is open the thread runs code that can be stopped, which is slightly slower. */
  open(): void {
    this.#users += 1;
  }

  close(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#disable();
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }

  /** Resolves when nobody samples. */
  async closed(): Promise<void> {
    if (this.#users === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenClosed.push(resolve);
    });
  }

  /**
   * Looks once. Several observers take turns.
   *
   * @param patienceMs how long a thread in native code is waited for, at least
   */
  sample(patienceMs: number): Promise<RawSample> {
    const sample = this.#turn.then(() => this.#sample(patienceMs));
    this.#turn = sample;
    return sample;
  }

  /** A single look: whoever had stopped the thread, it goes on after it. */
  async once(): Promise<RawSample> {
    this.open();
    try {
      return await this.sample(SHORT_PATIENCE_MS);
    } finally {
      this.close();
    }
  }

  /** Asks something that runs JavaScript, when no pause is under way. The next sample does not wait for the answer. */
  between<T>(ask: () => Promise<T>): Promise<T> {
    const asked = this.#turn.then(() => [ask()] as const);
    this.#turn = asked;
    return asked.then(([answer]) => answer);
  }

  async #sample(patienceMs: number): Promise<RawSample> {
    const sample = await this.#stop(patienceMs);
    this.#onFound = undefined;
    if (sample.found === 'frames') return sample;
    this.#disable();
    // It may begin something at this very moment, and answer when that is over.
    if (sample.found === 'idle')
      this.#resources = (await Promise.race([activeResources(this.#thread), delay(RESOURCES_WITHIN_MS)])) ?? this.#resources;
    return sample;
  }

  #stop(patienceMs: number): Promise<RawSample> {
    return new Promise((resolve) => {
      const patience = new Patience(patienceMs, this.#thread.facts());
      const looking = setInterval(() => {
        // It has stopped, and is about to go on.
        if (this.#standsAt !== undefined) return;
        const found = patience.findingOf(this.#thread.facts());
        if (found !== undefined) this.#onFound?.({ found });
      }, LOOK_EVERY_MS);
      this.#onFound = (sample) => {
        clearInterval(looking);
        resolve(sample);
      };
      if (!this.#enabled) void this.#post('Debugger.enable');
      this.#enabled = true;
      void this.#post('Debugger.pause').then((answer) => {
        if (answer !== undefined) patience.agreed();
      });
    });
  }

  /** Also takes back a pause that was not taken up, and lets a thread go that has just stopped. */
  #disable(): void {
    if (!this.#enabled) return;
    this.#enabled = false;
    void this.#post('Debugger.disable');
    this.#scripts.clear();
  }

  #readFrames(callFrames: unknown): readonly RawFrame[] {
    if (!Array.isArray(callFrames)) return [];
    return callFrames.slice(0, MOST_FRAMES).map((frame: unknown) => this.#readFrame(frame as ProtocolFrame));
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
  readonly #ms: number;
  readonly #before: ThreadFacts | undefined;
  readonly #sinceMs = performance.now();
  /** Since when it has been seen asleep, with no CPU time used in between. */
  #asleep: { readonly sinceMs: number; readonly cpuMs: number } | undefined;
  #agreedMs: number | undefined;

  constructor(ms: number, before: ThreadFacts | undefined) {
    this.#ms = ms;
    this.#before = before;
  }

  /** The thread has read that it is to stop. */
  agreed(): void {
    this.#agreedMs = performance.now();
  }

  /** What the thread is found to be that has not stopped; undefined as long as it may. */
  findingOf(facts: ThreadFacts | undefined): 'idle' | 'silent' | undefined {
    const nowMs = performance.now();
    const sleeps = this.#sleeps(facts, nowMs);
    if (this.#agreedMs !== undefined) {
      const agreedForMs = nowMs - this.#agreedMs;
      const isOver = agreedForMs >= (facts === undefined ? STOPS_WITHIN_MS_UNSEEN : STOPS_WITHIN_MS);
      return isOver && (sleeps || facts === undefined || agreedForMs >= STARVED_AFTER_MS) ? 'idle' : undefined;
    }
    const waitedMs = nowMs - this.#sinceMs;
    if (waitedMs < this.#ms) return undefined;
    if (facts === undefined || this.#before === undefined) return waitedMs >= SILENT_AFTER_MS_UNSEEN ? 'silent' : undefined;
    const hadCpu = facts.cpuMs - this.#before.cpuMs >= CHANCE_CPU_MS;
    return sleeps || hadCpu || waitedMs >= STARVED_AFTER_MS ? 'silent' : undefined;
  }

  /** One that computes sleeps for moments too: for a lock, for a helper that collects garbage. */
  #sleeps(facts: ThreadFacts | undefined, nowMs: number): boolean {
    if (facts === undefined || facts.state === 'R') {
      this.#asleep = undefined;
      return false;
    }
    if (this.#asleep?.cpuMs !== facts.cpuMs) this.#asleep = { sinceMs: nowMs, cpuMs: facts.cpuMs };
    return nowMs - this.#asleep.sinceMs >= ASLEEP_AFTER_MS;
  }
}
