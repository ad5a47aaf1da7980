import { ProtocolError } from './frame.ts';
import type {
  BodyMessage,
  BootOptions,
  FromWatchdog,
  FromWorker,
  RequestHead,
  StartTask,
  ToWatchdog,
  ToWorker,
} from './messages.ts';
import type { Observation } from './observation.ts';
import { asFields, decodeNumber, type Fields, flag, parseFields, rawHeaders, text, wholeNumber } from './shape.ts';

/** Message types on the wire. A number is never given a new meaning; a change of meaning is a new protocol version. */
export const CODE = {
  Boot: 1,
  StartTask: 2,
  CancelTask: 3,
  Drain: 4,
  Ping: 5,
  RevokeTask: 6,
  Observe: 7,
  ObservationCredit: 8,
  EndObservation: 9,
  Body: 16,
  BodyEnd: 17,
  BodyAborted: 18,
  Credit: 19,
  Ready: 32,
  BootFailed: 33,
  Informational: 34,
  ResponseHead: 35,
  TaskFinished: 36,
  TaskFailed: 37,
  RetirementDue: 38,
  TasksLeft: 39,
  FailureReported: 40,
  TaskStarted: 41,
  TaskSkipped: 42,
  Pong: 43,
  TasksReported: 44,
  IntakeEnded: 45,
  Heartbeat: 48,
  DeadlinePassed: 49,
  TaskRevoked: 50,
  TaskKept: 51,
  Observed: 52,
  ObservationEnded: 53,
} as const;

export type Message = ToWorker | ToWatchdog | FromWorker | FromWatchdog;

export interface EncodedFrame {
  readonly code: number;
  readonly task: number;
  readonly payload: Buffer;
}

const EMPTY = Buffer.alloc(0);

export function encode(message: Message): EncodedFrame {
  const code = CODE[message.type];
  // A request takes the place of the task: no message belongs to both.
  const task = 'task' in message ? message.task : 'request' in message ? message.request : 0;
  return { code, task, payload: encodePayload(message) };
}

function encodePayload(message: Message): Buffer {
  switch (message.type) {
    case 'Body':
    case 'Observed':
      return message.bytes;
    case 'Observe':
      return encodeJson(message.observation);
    case 'ObservationEnded':
      return encodeJson({ error: message.error });
    case 'Credit':
    case 'ObservationCredit':
      return encodeNumber(message.bytes);
    case 'DeadlinePassed':
      return encodeNumber(message.overdueMs);
    case 'BodyEnd':
      return message.trailers.length === 0 ? EMPTY : encodeJson(message.trailers);
    case 'StartTask':
      return encodeJson({ slot: message.slot, ahead: message.ahead, head: message.head });
    case 'RevokeTask':
    case 'TaskRevoked':
    case 'TaskKept':
    case 'TaskSkipped':
      return encodeNumber(message.slot);
    case 'Informational':
    case 'ResponseHead':
      return encodeJson(message.head);
    case 'Boot':
      return encodeJson(message.options);
    case 'Ready':
      return encodeJson({ protocol: message.protocol, config: message.config });
    case 'BootFailed':
      return encodeJson(message.failure);
    case 'TaskFailed':
      return encodeJson(message.error);
    case 'FailureReported':
      return encodeJson(message.failure);
    case 'TasksLeft':
      return encodeNumber(message.count);
    case 'RetirementDue':
      return encodeJson({ reason: message.reason });
    case 'TasksReported':
      return encodeJson({ counts: message.counts, oldest: message.oldest });
    case 'Heartbeat':
      return encodeJson(message.vitals);
    case 'Drain':
      return encodeJson({ isReplaced: message.isReplaced });
    case 'CancelTask':
    case 'EndObservation':
    case 'Ping':
    case 'Pong':
    case 'IntakeEnded':
    case 'BodyAborted':
    case 'TaskStarted':
    case 'TaskFinished':
      return EMPTY;
  }
}

function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function encodeNumber(value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32LE(Math.min(Math.round(value), 0xffff_ffff), 0);
  return payload;
}

/** @throws ProtocolError for anything that is no message from the primary */
export function decodeToWorker(code: number, task: number, payload: Buffer): ToWorker {
  switch (code) {
    case CODE.Boot:
      return { type: 'Boot', options: decodeBootOptions(parseFields(payload, 'Boot')) };
    case CODE.StartTask:
      return decodeStartTask(task, parseFields(payload, 'StartTask'));
    case CODE.CancelTask:
      return { type: 'CancelTask', task };
    case CODE.Drain:
      return { type: 'Drain', isReplaced: flag(parseFields(payload, 'Drain'), 'isReplaced', 'Drain') };
    case CODE.Ping:
      return { type: 'Ping' };
    default:
      return decodeBody(code, task, payload);
  }
}

/** @throws ProtocolError for anything that is no message from the primary to a watchdog */
export function decodeToWatchdog(code: number, task: number, payload: Buffer): ToWatchdog {
  switch (code) {
    case CODE.RevokeTask:
      return { type: 'RevokeTask', task, slot: decodeNumber(payload, 'RevokeTask') };
    case CODE.Observe:
      return { type: 'Observe', request: task, observation: decodeObservation(parseFields(payload, 'Observe')) };
    case CODE.ObservationCredit:
      return { type: 'ObservationCredit', request: task, bytes: decodeNumber(payload, 'ObservationCredit') };
    case CODE.EndObservation:
      return { type: 'EndObservation', request: task };
    default:
      throw new ProtocolError(`unknown message type ${code}`);
  }
}

/** @throws ProtocolError for anything that is no part of a body */
export function decodeBody(code: number, task: number, payload: Buffer): BodyMessage {
  switch (code) {
    case CODE.Body:
      return { type: 'Body', task, bytes: payload };
    case CODE.BodyEnd: {
      if (payload.length === 0) return { type: 'BodyEnd', task, trailers: [] };
      return { type: 'BodyEnd', task, trailers: rawHeaders(parseJson(payload, 'BodyEnd'), 'BodyEnd') };
    }
    case CODE.BodyAborted:
      return { type: 'BodyAborted', task };
    case CODE.Credit:
      return { type: 'Credit', task, bytes: decodeNumber(payload, 'Credit') };
    default:
      throw new ProtocolError(`unknown message type ${code}`);
  }
}

function parseJson(payload: Buffer, what: string): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw new ProtocolError(`${what}: the payload is not JSON`);
  }
}

function decodeStartTask(task: number, fields: Fields): StartTask {
  const what = 'StartTask';
  const [slot, ahead] = [wholeNumber(fields, 'slot', what), flag(fields, 'ahead', what)];
  return { type: 'StartTask', task, slot, ahead, head: decodeRequestHead(asFields(fields['head'], what)) };
}

function decodeRequestHead(fields: Fields): RequestHead {
  const what = 'StartTask';
  const httpVersion = text(fields, 'httpVersion', what);
  if (httpVersion !== '1.0' && httpVersion !== '1.1') throw new ProtocolError(`${what}: HTTP version ${httpVersion}`);
  return {
    method: text(fields, 'method', what),
    url: text(fields, 'url', what),
    httpVersion,
    headers: rawHeaders(fields['headers'], what),
    hasBody: flag(fields, 'hasBody', what),
    isTunnel: flag(fields, 'isTunnel', what),
    encrypted: flag(fields, 'encrypted', what),
    remoteAddress: text(fields, 'remoteAddress', what),
    remotePort: wholeNumber(fields, 'remotePort', what),
    localAddress: text(fields, 'localAddress', what),
    localPort: wholeNumber(fields, 'localPort', what),
  };
}

function decodeBootOptions(fields: Fields): BootOptions {
  const typescript = fields['typescript'];
  return {
    protocol: wholeNumber(fields, 'protocol', 'Boot'),
    entry: text(fields, 'entry', 'Boot'),
    typescript: typescript === null ? null : text(fields, 'typescript', 'Boot'),
    taskLimit: wholeNumber(fields, 'taskLimit', 'Boot'),
    concurrency: wholeNumber(fields, 'concurrency', 'Boot'),
  };
}

function decodeObservation(fields: Fields): Observation {
  const number = (key: string): number => wholeNumber(fields, key, 'Observe');
  const what = text(fields, 'what', 'Observe');
  switch (what) {
    case 'stack':
      return { what, samples: number('samples'), everyMs: number('everyMs') };
    case 'profile':
      return { what, forMs: number('forMs'), everyMicros: number('everyMicros') };
    case 'heap':
      return { what, availableBytes: number('availableBytes'), folder: text(fields, 'folder', 'Observe') };
    case 'inspector':
      return { what };
    default:
      throw new ProtocolError(`Observe: unknown ${what.slice(0, 40)}`);
  }
}
