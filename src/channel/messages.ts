/**
 * Everything that the primary and a worker can say to each other. Orders are imperative (`StartTask`), facts are past tense
 * (`TaskFinished`). One screen, two sockets, three unions; the bytes of each are the business of `codec.ts`.
 *
 * The life of a task on the data socket:
 *
 *     primary  StartTask  Body*  BodyEnd          CancelTask?
 *     worker                          Informational*  ResponseHead  Body*  BodyEnd  TaskFinished
 *                                     or, where it is short and without trailers, in one: Answered  TaskFinished
 *                                     or, before a ResponseHead: TaskFailed
 *
 * A tunnel is a task with bytes both ways and no head of a response; `BodyEnd` says that no more come from that side:
 *
 *     primary  StartTask  Body*  BodyEnd?  CancelTask?
 *     worker              Body*  BodyEnd?                TaskFinished | TaskFailed
 *
 * A call of a function in place of a request, its arguments and its result in bodies only where they are large:
 *
 *     primary  StartCall  Body*  BodyEnd          CancelTask?
 *     worker                          CallReported*  Body*  (CallReturned | CallThrew)
 *
 * With streams among its arguments, or as its result, both sides say `Stream` in between, in words of `stream-words.ts`.
 *
 * `TaskFinished` or `TaskFailed` is the last word of a worker about a task, and frees the worker. `Credit` flows against
 * each body: the receiver allows the sender that many more bytes.
 *
 * A task that is sent `ahead` waits in the worker for those before it. Its body is held back until the worker says
 * `TaskStarted`, or anything else about it: what a worker says may go out together with the next words, for it is in its journal before it goes on (journal.ts). Until then it can be taken back over the control socket, where the watchdog answers whatever the main thread
 * does; main thread and watchdog agree by `claims.ts`. The main thread says `TaskSkipped` when it comes across such a task.
 *
 *     primary  RevokeTask                     (control)
 *     watchdog             TaskRevoked | TaskKept
 *
 * A look into the main thread goes the same way. Each has a number of its own, `request`; its answer is bytes, held back by a window
 * as a body is, and one last word. `EndObservation` asks for that word now.
 *
 *     primary  Observe  ObservationCredit*  EndObservation?
 *     watchdog          Observed*                           ObservationEnded
 */
import type { Observation } from './observation.ts';

/** Both sides must speak the same version: they come from one package, so a difference means a broken installation. */
export const PROTOCOL_VERSION = 1;

/** Body bytes that may be under way, in each direction of each task, before the receiver has to allow more. */
export const BODY_WINDOW_BYTES = 256 * 1024;

/** The same for the body of a response, which may go through memory that both share: each piece wakes the other side, and the client. */
export const ANSWER_WINDOW_BYTES = 1024 * 1024;

/** The same for each direction of a tunnel: a worker may hold hundreds of them. */
export const TUNNEL_WINDOW_BYTES = 64 * 1024;

/** Where the request of a handler has `RequestHead.offloaded`. Two copies of this file, one of them in a bundle, mean the same. */
export const OFFLOADED = Symbol.for('prefork.offloaded');

export interface BootOptions {
  readonly protocol: number;
  /** Absolute path of the user's module. */
  readonly entry: string;
  /** Path of the manifest of compiled TypeScript, or null for plain JavaScript. */
  readonly typescript: string | null;
  /** End after this many tasks; 0 for never. Mode fork says 1. */
  readonly taskLimit: number;
  /** Tasks that may run at once; what is sent beyond waits its turn. */
  readonly concurrency: number;
  /** The module is one of functions: its `workerData` as `value.ts` encodes it, in base64. Null for a handler of requests. */
  readonly functions: string | null;
  /** Large values may take a side way: the memory for it is open (`openMemory` in worker/sockets.ts). */
  readonly sharesMemory: boolean;
}

/** The head of an HTTP request as the handler is to see it. `headers` is raw: name, value, name, value, … as received. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  /** The client asks for another protocol, or for a tunnel: what follows are its bytes, as they come, and no HTTP. */
  readonly isTunnel: boolean;
  readonly encrypted: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** What the app has parsed that offloads the request, as `value.ts` encodes it, in base64. */
  readonly offloaded?: string;
}

/** `headers` is raw, as above, without what belongs to the connection alone. */
export interface ResponseHead {
  readonly status: number;
  readonly message: string;
  readonly headers: readonly string[];
}

/** What is left of an error after a process boundary. */
export interface RemoteError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** Why a worker did not boot, in the terms of the operator who has to mend it. */
export interface BootFailure {
  readonly code: 'ERR_HANDLER_LOAD' | 'ERR_HANDLER_INVALID' | 'ERR_BAD_OPTION' | 'ERR_PORT_IN_USE' | 'ERR_LISTEN';
  readonly error: RemoteError;
}

/** The plain-data part of the handler's `config` export. Units as the user wrote them; the primary resolves them. */
export interface HandlerConfig {
  readonly deadline?: string | number;
  /** Whether tasks may be started again; a list means requests with one of these methods. */
  readonly idempotent?: boolean | readonly string[];
  readonly detached?: boolean;
  /** Templates such as `{method} {path}`, see `http/template.ts`. */
  readonly key?: string;
  readonly client?: string;
  /** A number, or a template that gives one. */
  readonly priority?: string | number;
  readonly weight?: string | number;
  /** Not the user's to set: what the worker found that takes connections over. */
  readonly takes?: readonly TunnelKind[];
}

/** How a client asks for a tunnel: by a request with `Upgrade`, or by the method `CONNECT`. */
export const TUNNEL_KINDS = ['upgrade', 'connect'] as const;
export type TunnelKind = (typeof TUNNEL_KINDS)[number];

export type ToWorker =
  | { readonly type: 'Boot'; readonly options: BootOptions }
  | StartTask
  | StartCall
  | { readonly type: 'CancelTask'; readonly task: number }
  /** Another worker takes its place, when it `isReplaced`; else the whole server ends. */
  | { readonly type: 'Drain'; readonly isReplaced: boolean }
  /** Is answered with `Pong` when the event loop turns. */
  | { readonly type: 'Ping' }
  | StreamMessage
  | BodyMessage;

export interface StartTask {
  readonly type: 'StartTask';
  readonly task: number;
  /** The place in `claims.ts` where main thread and watchdog agree on whether it was started. */
  readonly slot: number;
  /** It waits for the tasks before it, and the worker says when it begins. Else it begins at once. */
  readonly ahead: boolean;
  readonly head: RequestHead;
}

/** A value as `value.ts` encodes it: in one piece on the channel, in several where it took the side way (side-way.ts). */
export type ValueBytes = Buffer | readonly Buffer[];

/** A call of one of the functions of the user's module. */
export interface StartCall {
  readonly type: 'StartCall';
  readonly task: number;
  /** As in `StartTask`. */
  readonly slot: number;
  readonly ahead: boolean;
  /** The array of the arguments comes as a body, because it is large. */
  readonly streamed: boolean;
  /** There are streams in the arguments. */
  readonly streams: boolean;
  /** What it returns is to be a stream, and what that yields is sent. */
  readonly yields: boolean;
  readonly name: string;
  /** The arguments as `value.ts` encodes them; empty when they are streamed. */
  readonly bytes: ValueBytes;
}

export interface LastWord {
  readonly task: number;
  /** How long it ran, µs: seen from the primary it would be longer by the way there and back, and by the wait for a CPU. */
  readonly micros: number;
}

/** What a worker says about a call. What does not fit into a frame begins in `Body` frames before. */
export type CallMessage =
  /** The last word: the result, as `value.ts` encodes it. */
  | ({ readonly type: 'CallReturned'; readonly bytes: ValueBytes } & LastWord)
  /** The last word: what was thrown, as `thrown.ts` describes it and `value.ts` encodes it. */
  | ({ readonly type: 'CallThrew'; readonly bytes: ValueBytes } & LastWord)
  /** A value that the function reported while it runs. */
  | { readonly type: 'CallReported'; readonly task: number; readonly bytes: Buffer };

/** A word about a stream of a call, see `stream-words.ts`: a channel does not look into it, and most workers never load that. */
export interface StreamMessage {
  readonly type: 'Stream';
  readonly task: number;
  readonly bytes: Buffer;
}

export interface Ready {
  readonly type: 'Ready';
  readonly protocol: number;
  readonly config: HandlerConfig;
  /** What the system calls the thread of a worker that is one; 0 for a process, which bears its pid, and where it is not known. */
  readonly thread: number;
}

export type FromWorker =
  | Ready
  | { readonly type: 'BootFailed'; readonly failure: BootFailure }
  | { readonly type: 'Informational'; readonly task: number; readonly head: ResponseHead }
  | { readonly type: 'ResponseHead'; readonly task: number; readonly head: ResponseHead }
  /** The whole of an answer, which its handler gave at once: the head, the body and its end; and how long the task had run by then. */
  | {
      readonly type: 'Answered';
      readonly task: number;
      readonly ranMicros: number;
      readonly head: ResponseHead;
      readonly bytes: Buffer;
    }
  /** It was sent ahead and begins now. The system has these words before the handler is called, or the journal has. */
  | { readonly type: 'TaskStarted'; readonly task: number }
  /** It was taken back before its turn came. */
  | { readonly type: 'TaskSkipped'; readonly task: number; readonly slot: number }
  | { readonly type: 'Pong' }
  | ({ readonly type: 'TaskFinished' } & LastWord)
  | ({ readonly type: 'TaskFailed'; readonly error: RemoteError } & LastWord)
  | CallMessage
  | StreamMessage
  /** Mode cluster: this worker should be replaced; it serves on until it is told to drain. */
  | { readonly type: 'RetirementDue'; readonly reason: RetirementReason }
  /** Mode cluster: a task failed in here; the log is the primary's. */
  | { readonly type: 'FailureReported'; readonly failure: TaskFailure }
  /** Mode cluster, as its last word: the watchdog may have no time for another report. */
  | TasksReported
  /** Mode cluster, while it drains: tasks that are not over yet. */
  | { readonly type: 'TasksLeft'; readonly count: number }
  /** Mode cluster, while it drains: no connection is left on which another request could come. */
  | { readonly type: 'IntakeEnded' }
  | BodyMessage;

/** What an operator needs to know of a task that failed. */
export interface TaskFailure {
  /** Counted by the worker itself: unique beside its pid. */
  readonly task: number;
  readonly code: string;
  readonly message: string;
  readonly stack: string;
  readonly method: string;
  readonly target: string;
  /** How long it had run, ms; null for one that was never started. */
  readonly runMs: number | null;
  /** Id of the incident that the client was told. */
  readonly incident: string | null;
}

/** Mode cluster: what a worker's front has counted since it began, and what it is at. */
export interface TasksReported {
  readonly type: 'TasksReported';
  /** As `http/task-counts.ts` has them. */
  readonly counts: readonly number[];
  /** What it has run for longest; null for nothing. */
  readonly oldest: RunningTask | null;
}

export interface RunningTask {
  readonly task: number;
  /** Cut to what an operator reads. */
  readonly method: string;
  readonly url: string;
  readonly runMs: number;
}

/** `deadline`: a task that waits for something was answered with an error, and may go on in there for ever. */
export type RetirementReason = 'maxRequests' | 'deadline';

/** What both sides say about the bytes of a request or of a response. */
export type BodyMessage =
  | { readonly type: 'Body'; readonly task: number; readonly bytes: Buffer }
  /** `trailers` is raw, as headers are. */
  | { readonly type: 'BodyEnd'; readonly task: number; readonly trailers: readonly string[] }
  /** The body ends here although it is not complete: the source broke. */
  | { readonly type: 'BodyAborted'; readonly task: number }
  | { readonly type: 'Credit'; readonly task: number; readonly bytes: number };

/** What a watchdog reports on the control socket. */
export interface Vitals {
  /** How long the main thread has not answered, or took to answer, in ms. */
  readonly eventLoopDelayMs: number;
  /** CPU time of the whole process since its start, in µs. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

export type ToWatchdog = { readonly type: 'RevokeTask'; readonly task: number; readonly slot: number } | ObservationOrder;

export type ObservationOrder =
  | { readonly type: 'Observe'; readonly request: number; readonly observation: Observation }
  /** So many more bytes may be sent. */
  | { readonly type: 'ObservationCredit'; readonly request: number; readonly bytes: number }
  | { readonly type: 'EndObservation'; readonly request: number };

/** What comes of an observation. */
export type ObservationAnswer =
  | { readonly type: 'Observed'; readonly request: number; readonly bytes: Buffer }
  /** The last word; `error` says in one line why the answer is none, or not complete, and is empty when it is. */
  | { readonly type: 'ObservationEnded'; readonly request: number; readonly error: string };

export type FromWatchdog =
  | ObservationAnswer
  /** It was not started, and will not be. */
  | { readonly type: 'TaskRevoked'; readonly task: number; readonly slot: number }
  | { readonly type: 'TaskKept'; readonly task: number; readonly slot: number }
  | { readonly type: 'Heartbeat'; readonly vitals: Vitals }
  | TasksReported
  /** Mode cluster: a task is past its deadline, and the main thread is too busy to end it. */
  | { readonly type: 'DeadlinePassed'; readonly overdueMs: number };
