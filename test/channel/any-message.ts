import * as fc from 'fast-check';
import {
  type BodyMessage,
  type FromWatchdog,
  type FromWorker,
  type RemoteError,
  type RequestHead,
  type ResponseHead,
  type TasksReported,
  type ToWatchdog,
  type ToWorker,
  TUNNEL_KINDS,
} from '../../src/channel/messages.ts';

type EachType<M extends { type: string }> = { readonly [T in M['type']]: fc.Arbitrary<Extract<M, { type: T }>> };

/** Objects as a literal makes them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const task = fc.nat(0xffff_ffff);
const micros = fc.nat();
const slot = fc.nat(0xffff_ffff);
const request = fc.nat(0xffff_ffff);
const port = fc.nat(0xffff);
const wholeNumber = fc.nat(Number.MAX_SAFE_INTEGER);
/** Also what UTF-8 has no bytes for. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\ud800', '\u2028', '\0', '"', '\\', 'é', '\u{1f980}'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 20,
});
const rawHeaders = fc.array(fc.tuple(text, text), { maxLength: 6 }).map((pairs) => pairs.flat());
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

const plainHead: fc.Arbitrary<RequestHead> = record({
  method: text,
  url: text,
  httpVersion: fc.constantFrom('1.0', '1.1'),
  headers: rawHeaders,
  hasBody: fc.boolean(),
  isTunnel: fc.boolean(),
  encrypted: fc.boolean(),
  remoteAddress: text,
  remotePort: port,
  localAddress: text,
  localPort: port,
});
const requestHead = fc.oneof(
  plainHead,
  fc.tuple(plainHead, text).map(([head, offloaded]) => Object.assign(head, { offloaded })),
);
const responseHead = (lowest: number, highest: number): fc.Arbitrary<ResponseHead> =>
  record({ status: fc.integer({ min: lowest, max: highest }), message: text, headers: rawHeaders });
const remoteError: fc.Arbitrary<RemoteError> = record({ name: text, message: text, stack: text });

const tasksReported: fc.Arbitrary<TasksReported> = record({
  type: fc.constant('TasksReported'),
  // JSON has no negative zero.
  counts: fc.array(fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }).map(Math.abs), { maxLength: 256 }),
  oldest: fc.option(record({ task: wholeNumber, method: text, url: text, runMs: wholeNumber })),
});

const body: EachType<BodyMessage> = {
  Body: record({ type: fc.constant('Body'), task, bytes }),
  BodyEnd: record({ type: fc.constant('BodyEnd'), task, trailers: rawHeaders }),
  BodyAborted: record({ type: fc.constant('BodyAborted'), task }),
  Credit: record({ type: fc.constant('Credit'), task, bytes: fc.nat(0xffff_ffff) }),
};

/** Any message of each type; a type that is missing here is an error of the compiler. */
export const toWorker: EachType<ToWorker> = {
  Boot: record({
    type: fc.constant('Boot'),
    options: record({
      protocol: wholeNumber,
      entry: text,
      typescript: fc.option(text),
      taskLimit: wholeNumber,
      concurrency: wholeNumber,
      functions: fc.option(text),
      sharesMemory: fc.boolean(),
    }),
  }),
  StartTask: record({ type: fc.constant('StartTask'), task, slot, ahead: fc.boolean(), head: requestHead }),
  StartCall: record({
    type: fc.constant('StartCall'),
    task,
    slot,
    ahead: fc.boolean(),
    streamed: fc.boolean(),
    streams: fc.boolean(),
    yields: fc.boolean(),
    // The name of an export has no lone surrogates.
    name: fc.string({ unit: 'binary', maxLength: 20 }),
    bytes,
  }),
  CancelTask: record({ type: fc.constant('CancelTask'), task }),
  Drain: record({ type: fc.constant('Drain'), isReplaced: fc.boolean() }),
  Ping: fc.constant({ type: 'Ping' }),
  Stream: record({ type: fc.constant('Stream'), task, bytes }),
  ...body,
};

export const toWatchdog: EachType<ToWatchdog> = {
  RevokeTask: record({ type: fc.constant('RevokeTask'), task, slot }),
  Observe: record({
    type: fc.constant('Observe'),
    request,
    observation: fc.oneof(
      record({ what: fc.constant('stack'), samples: wholeNumber, everyMs: wholeNumber }),
      record({ what: fc.constant('profile'), forMs: wholeNumber, everyMicros: wholeNumber }),
      record({ what: fc.constant('heap'), availableBytes: wholeNumber, folder: text }),
      record({ what: fc.constant('inspector') }),
    ),
  }),
  ObservationCredit: record({ type: fc.constant('ObservationCredit'), request, bytes: fc.nat(0xffff_ffff) }),
  EndObservation: record({ type: fc.constant('EndObservation'), request }),
};

export const fromWorker: EachType<FromWorker> = {
  Ready: record({
    type: fc.constant('Ready'),
    protocol: wholeNumber,
    thread: wholeNumber,
    config: fc.record(
      {
        deadline: fc.oneof(text, wholeNumber),
        idempotent: fc.oneof(fc.boolean(), fc.array(text)),
        detached: fc.boolean(),
        key: text,
        client: text,
        priority: fc.oneof(text, wholeNumber),
        weight: fc.oneof(text, wholeNumber),
        takes: fc.subarray([...TUNNEL_KINDS]),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  }),
  BootFailed: record({
    type: fc.constant('BootFailed'),
    failure: record({
      code: fc.constantFrom('ERR_HANDLER_LOAD', 'ERR_HANDLER_INVALID', 'ERR_BAD_OPTION', 'ERR_PORT_IN_USE', 'ERR_LISTEN'),
      error: remoteError,
    }),
  }),
  Informational: record({ type: fc.constant('Informational'), task, head: responseHead(100, 199) }),
  ResponseHead: record({ type: fc.constant('ResponseHead'), task, head: responseHead(100, 999) }),
  Answered: record({
    type: fc.constant('Answered'),
    task,
    ranMicros: fc.nat(0xffff_ffff),
    head: responseHead(100, 999),
    bytes,
  }),
  TaskStarted: record({ type: fc.constant('TaskStarted'), task }),
  TaskSkipped: record({ type: fc.constant('TaskSkipped'), task, slot }),
  Pong: fc.constant({ type: 'Pong' }),
  TaskFinished: record({ type: fc.constant('TaskFinished'), task, micros }),
  CallReturned: record({ type: fc.constant('CallReturned'), task, micros, bytes }),
  CallThrew: record({ type: fc.constant('CallThrew'), task, micros, bytes }),
  CallReported: record({ type: fc.constant('CallReported'), task, bytes }),
  TaskFailed: record({ type: fc.constant('TaskFailed'), task, micros, error: remoteError }),
  FailureReported: record({
    type: fc.constant('FailureReported'),
    failure: record({
      task,
      code: fc.string(),
      message: fc.string(),
      stack: fc.string(),
      method: fc.string(),
      target: fc.string(),
      runMs: fc.option(fc.nat(0xffff_ffff)),
      incident: fc.option(fc.string()),
    }),
  }),
  TasksReported: tasksReported,
  TasksLeft: record({ type: fc.constant('TasksLeft'), count: fc.nat(0xffff_ffff) }),
  IntakeEnded: fc.constant({ type: 'IntakeEnded' }),
  Stream: record({ type: fc.constant('Stream'), task, bytes }),
  RetirementDue: record({ type: fc.constant('RetirementDue'), reason: fc.constantFrom('maxRequests', 'deadline') }),
  ...body,
};

export const fromWatchdog: EachType<FromWatchdog> = {
  Heartbeat: record({
    type: fc.constant('Heartbeat'),
    vitals: record({ eventLoopDelayMs: wholeNumber, cpuMicros: wholeNumber, rssBytes: wholeNumber }),
  }),
  TasksReported: tasksReported,
  TaskRevoked: record({ type: fc.constant('TaskRevoked'), task, slot }),
  TaskKept: record({ type: fc.constant('TaskKept'), task, slot }),
  DeadlinePassed: record({ type: fc.constant('DeadlinePassed'), overdueMs: fc.nat(0xffff_ffff) }),
  Observed: record({ type: fc.constant('Observed'), request, bytes }),
  ObservationEnded: record({ type: fc.constant('ObservationEnded'), request, error: text }),
};
