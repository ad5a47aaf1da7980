import { ProtocolError } from './frame.ts';
import { decodeStartTask, encodeAnswer, encodeResponseHead, encodeStartTask } from './heads.ts';
import type {
  BodyMessage,
  BootOptions,
  CallMessage,
  FromWatchdog,
  FromWorker,
  StartCall,
  StartTask,
  StreamMessage,
  ToWatchdog,
  ToWorker,
  ValueBytes,
} from './messages.ts';
import type { Observation } from './observation.ts';
import { decodeNumber, type Fields, flag, parseFields, rawHeaders, text, wholeNumber } from './shape.ts';

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
  StartCall: 10,
  Body: 16,
  BodyEnd: 17,
  BodyAborted: 18,
  Credit: 19,
  Stream: 20,
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
  CallReturned: 46,
  CallThrew: 47,
  Heartbeat: 48,
  DeadlinePassed: 49,
  TaskRevoked: 50,
  TaskKept: 51,
  Observed: 52,
  ObservationEnded: 53,
  CallReported: 54,
  Answered: 55,
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
  return { code, task, payload: isPacked(message) ? encodePacked(message) : encodePayload(message) };
}

/** There is one of these for each call or request, or two: bytes of our own, and no JSON. */
type Packed = StartCall | StartTask | Extract<CallMessage, { micros: number }> | Extract<FromWorker, { type: 'Answered' }>;

function isPacked(message: Message): message is Packed {
  switch (message.type) {
    case 'StartCall':
    case 'StartTask':
    case 'CallReturned':
    case 'CallThrew':
    case 'Answered':
      return true;
    default:
      return false;
  }
}

function encodePacked(message: Packed): Buffer {
  if (message.type === 'StartTask') return encodeStartTask(message);
  if (message.type === 'Answered') return encodeAnswer(clamp(message.ranMicros), message.head, message.bytes);
  return message.type === 'StartCall' ? encodeStartCall(message) : encodeOutcome(message.micros, message.bytes);
}

function encodePayload(message: Exclude<Message, Packed>): Buffer {
  switch (message.type) {
    case 'Body':
    case 'Stream':
    case 'Observed':
    case 'CallReported':
      return inOnePiece(message.bytes);
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
    case 'RevokeTask':
    case 'TaskRevoked':
    case 'TaskKept':
    case 'TaskSkipped':
      return encodeNumber(message.slot);
    case 'Informational':
    case 'ResponseHead':
      return encodeResponseHead(message.head);
    case 'Boot':
      return encodeJson(message.options);
    case 'Ready':
      return encodeJson({ protocol: message.protocol, config: message.config, thread: message.thread });
    case 'BootFailed':
    case 'FailureReported':
      return encodeJson(message.failure);
    case 'TaskFailed':
      return encodeJson({ micros: clamp(message.micros), error: message.error });
    case 'TaskFinished':
      return encodeNumber(message.micros);
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
      return EMPTY;
  }
}

/** | slot u32 | flags u8 | length of the name u16 | name | bytes |: a call is too short for JSON around it. */
const CALL_HEADER_BYTES = 7;
const FLAG = { AHEAD: 1, STREAMED: 2, STREAMS: 4, YIELDS: 8 } as const;
const ALL_FLAGS = 15;

/** The name of the call before: mostly that of the next one, too. */
let [latestName, latestNameBytes] = ['', EMPTY];

function bytesOf(name: string): Buffer {
  if (name !== latestName) [latestName, latestNameBytes] = [name, Buffer.from(name)];
  return latestNameBytes;
}

function encodeStartCall({ slot, ahead, streamed, streams, yields, name, bytes: value }: StartCall): Buffer {
  const bytes = inOnePiece(value);
  const nameBytes = bytesOf(name);
  const payload = Buffer.allocUnsafe(CALL_HEADER_BYTES + nameBytes.length + bytes.length);
  payload.writeUInt32LE(slot, 0);
  payload[4] =
    (ahead ? FLAG.AHEAD : 0) | (streamed ? FLAG.STREAMED : 0) | (streams ? FLAG.STREAMS : 0) | (yields ? FLAG.YIELDS : 0);
  payload.writeUInt16LE(nameBytes.length, 5);
  payload.set(nameBytes, CALL_HEADER_BYTES);
  payload.set(bytes, CALL_HEADER_BYTES + nameBytes.length);
  return payload;
}

/** | micros u32 | bytes | */
export const OUTCOME_HEADER_BYTES = 4;

function encodeOutcome(micros: number, value: ValueBytes): Buffer {
  const bytes = inOnePiece(value);
  const payload = Buffer.allocUnsafe(OUTCOME_HEADER_BYTES + bytes.length);
  payload.writeUInt32LE(clamp(micros), 0);
  payload.set(bytes, OUTCOME_HEADER_BYTES);
  return payload;
}

function inOnePiece(bytes: ValueBytes): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return bytes.length === 1 ? (bytes[0] as Buffer) : Buffer.concat(bytes);
}

function decodeStartCall(task: number, payload: Buffer): StartCall {
  const what = 'StartCall';
  if (payload.length < CALL_HEADER_BYTES) throw new ProtocolError(`${what}: cut off`);
  const flags = payload.readUInt8(4);
  const nameEnd = CALL_HEADER_BYTES + payload.readUInt16LE(5);
  if (nameEnd > payload.length || flags > ALL_FLAGS) throw new ProtocolError(`${what}: cut off, or with unknown flags`);
  return {
    type: 'StartCall',
    task,
    slot: payload.readUInt32LE(0),
    ahead: (flags & FLAG.AHEAD) !== 0,
    streamed: (flags & FLAG.STREAMED) !== 0,
    streams: (flags & FLAG.STREAMS) !== 0,
    yields: (flags & FLAG.YIELDS) !== 0,
    name: payload.toString('utf8', CALL_HEADER_BYTES, nameEnd),
    bytes: payload.subarray(nameEnd),
  };
}

function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function encodeNumber(value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32LE(clamp(value), 0);
  return payload;
}

function clamp(value: number): number {
  return Math.min(Math.round(value), 0xffff_ffff);
}

/** @throws ProtocolError for anything that is no message from the primary */
export function decodeToWorker(code: number, task: number, payload: Buffer): ToWorker {
  switch (code) {
    case CODE.Boot:
      return { type: 'Boot', options: decodeBootOptions(parseFields(payload, 'Boot')) };
    case CODE.StartTask:
      return decodeStartTask(task, payload);
    case CODE.StartCall:
      return decodeStartCall(task, payload);
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

/** @throws ProtocolError for anything that is no part of a body or of a stream */
export function decodeBody(code: number, task: number, payload: Buffer): BodyMessage | StreamMessage {
  switch (code) {
    case CODE.Stream:
      return { type: 'Stream', task, bytes: payload };
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

function decodeBootOptions(fields: Fields): BootOptions {
  const typescript = fields['typescript'];
  return {
    protocol: wholeNumber(fields, 'protocol', 'Boot'),
    entry: text(fields, 'entry', 'Boot'),
    typescript: typescript === null ? null : text(fields, 'typescript', 'Boot'),
    taskLimit: wholeNumber(fields, 'taskLimit', 'Boot'),
    concurrency: wholeNumber(fields, 'concurrency', 'Boot'),
    functions: fields['functions'] === null ? null : text(fields, 'functions', 'Boot'),
    sharesMemory: flag(fields, 'sharesMemory', 'Boot'),
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
