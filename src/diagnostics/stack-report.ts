/** What a look into a worker found: where its main thread is, and what it is doing there. Plain data, as the admin API sends it. */

export interface StackFrame {
  /** As V8 names it, `(anonymous)` for one without a name. */
  readonly function: string;
  /** Absolute path of the user's own source (TypeScript too), or a URL such as `node:internal/…`. */
  readonly file: string;
  /** Count from 1. */
  readonly line: number;
  readonly column: number;
  /** Whose code it is: the user's, that of a package in node_modules, Node's or prefork's. */
  readonly origin: 'user' | 'dependency' | 'node' | 'prefork';
}

/**
 * `computing`: JavaScript runs. `waiting`: nothing runs; the task waits for something that has not come, such as a promise. `native`: the
 * thread sits in native code or in a synchronous call and can not be stopped to be looked at. `mixed`: now one, now the other.
 */
export type Verdict = 'computing' | 'waiting' | 'native' | 'mixed';

export interface StackReport {
  readonly pid: number;
  readonly worker: number;
  /** ISO 8601. */
  readonly takenAt: string;
  /** From the question to the first stack, ms. */
  readonly tookMs: number;
  readonly verdict: Verdict;
  /** One sentence for a person: what it does, and where. */
  readonly summary: string;
  /** The innermost frame first; empty when nothing ran in any sample. The last sample that has frames. */
  readonly frames: readonly StackFrame[];
  /** The line of the user's source on top, when it can be read. */
  readonly source: { readonly file: string; readonly line: number; readonly text: string } | null;
  /** Each sample in turn, 100 ms apart; null where the thread did not answer, and where nothing of the handler ran. */
  readonly samples: readonly (readonly StackFrame[] | null)[];
  /** What keeps the event loop alive, by kind, such as `{ Timeout: 1, TCPSocketWrap: 2 }`; null where it could not be asked. */
  readonly resources: Readonly<Record<string, number>> | null;
  /** What the system knows of the main thread (proc(5)); null for a thread, and elsewhere than on Linux. */
  readonly thread: { readonly state: string; readonly waitChannel: string | null; readonly systemCall: string | null } | null;
  /** CPU time of the main thread between the first and the last sample, percent of that time; null where it is not known. */
  readonly cpuPercent: number | null;
}
