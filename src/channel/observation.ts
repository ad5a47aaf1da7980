/**
 * What the primary may ask about the main thread of a worker, and what comes back. The watchdog of a worker process asks its main
 * thread; for a worker thread, which has no watchdog, the primary does the same by itself. These are types alone: a worker
 * loads what looks into it when it is first asked to.
 */
export type Observation =
  /** Where it is, `samples` times. The answer is a `RawStack` as JSON. */
  | { readonly what: 'stack'; readonly samples: number; readonly everyMs: number }
  /** A CPU profile as V8 makes it, as JSON: a .cpuprofile. */
  | { readonly what: 'profile'; readonly forMs: number; readonly everyMicros: number }
  /** A .heapsnapshot. Refused when it might take more memory than `availableBytes`; `folder` is for what has no room in memory. */
  | { readonly what: 'heap'; readonly availableBytes: number; readonly folder: string }
  /** Opens the inspector on loopback and a free port. The answer is its URL; it is closed at the end of the observation. */
  | { readonly what: 'inspector' };

export interface RawFrame {
  /** Empty for code without a name. */
  readonly function: string;
  /** As V8 has it: a `file:` URL, a path, `node:…`, or empty. */
  readonly url: string;
  /** Count from 0. */
  readonly line: number;
  readonly column: number;
  /** Its script names a source map. */
  readonly mapped: boolean;
}

/** `silent`: it did not answer, so it is in native code or in a system call. `idle`: it answered, and no JavaScript ran. */
export type RawSample =
  | { readonly found: 'frames'; readonly frames: readonly RawFrame[] }
  | { readonly found: 'silent' | 'idle' };

export interface RawStack {
  readonly samples: readonly RawSample[];
  /** From the question to the first sample, and to the end of the last one, ms. */
  readonly firstAfterMs: number;
  readonly allAfterMs: number;
  /** What keeps the event loop alive, by kind; null when the thread could not be asked. */
  readonly resources: Readonly<Record<string, number>> | null;
  /** The thread before each sample; null where the system does not tell. */
  readonly thread: readonly (ThreadFacts | null)[];
  /** From the first to the last sample, ms. */
  readonly elapsedMs: number;
}

/** What Linux tells of a thread: proc(5). */
export interface ThreadFacts {
  /** A letter: R runs or could, S sleeps, D waits for a disk, T is stopped. */
  readonly state: string;
  /** The function of the kernel in which it sleeps. */
  readonly waitChannel: string | null;
  /** Such as `read(/tmp/pipe)`. */
  readonly systemCall: string | null;
  /** CPU time since its start, ms. */
  readonly cpuMs: number;
}

/** A thread of which the inspector protocol can be spoken with, whatever it does. https://chromedevtools.github.io/devtools-protocol/v8/ */
export interface InspectedThread {
  /** Rejects when the thread says no, and when it ends. Does not resolve for as long as the thread is in native code. */
  post(method: string, params?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  on(event: string, listener: (params: Readonly<Record<string, unknown>>) => void): void;
  /** Whatever was posted is still done, in order; nothing is heard of it. */
  disconnect(): void;
  /** Undefined where the system does not tell. */
  facts(): ThreadFacts | undefined;
  /** Whether it can have an inspector of its own. */
  readonly hasInspector: boolean;
  /** What of prefork's keeps its event loop alive, by kind. */
  readonly ownResources: Readonly<Record<string, number>>;
}
