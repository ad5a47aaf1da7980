import { ProtocolError } from './frame.ts';
import {
  type BodyMessage,
  type BootFailure,
  type BootOptions,
  type FromWatchdog,
  type FromWorker,
  type HandlerConfig,
  type RemoteError,
  type RequestHead,
  type ResponseHead,
  type TaskFailure,
  type StartTask,
  type ToWatchdog,
  type ToWorker,
} from './messages.ts';
import { asFields, decodeNumber, type Fields, flag, parseFields, rawHeaders, text, wholeNumber } from './shape.ts';

/** Message types on the wire. A number is never given a new meaning; a change of meaning is a new protocol version. */
const CODE = {
  Boot: 1,
  StartTask: 2,
  CancelTask: 3,
  Drain: 4,
  Ping: 5,
  RevokeTask: 6,
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
  IntakeEnded: 44,
  Heartbeat: 48,
  DeadlinePassed: 49,
  TaskRevoked: 50,
  TaskKept: 51,
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
  const task = 'task' in message ? message.task : 0;
  return { code, task, payload: encodePayload(message) };
}

function encodePayload(message: Message): Buffer {
  switch (message.type) {
    case 'Body':
      return message.bytes;
    case 'Credit':
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
    case 'Heartbeat':
      return encodeJson(message.vitals);
    case 'Drain':
      return encodeJson({ isReplaced: message.isReplaced });
    case 'CancelTask':
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
  if (code !== CODE.RevokeTask) throw new ProtocolError(`unknown message type ${code}`);
  return { type: 'RevokeTask', task, slot: decodeNumber(payload, 'RevokeTask') };
}

/** @throws ProtocolError for anything that is no message from a worker's main thread */
export function decodeFromWorker(code: number, task: number, payload: Buffer): FromWorker {
  switch (code) {
    case CODE.Ready: {
      const fields = parseFields(payload, 'Ready');
      return { type: 'Ready', protocol: wholeNumber(fields, 'protocol', 'Ready'), config: decodeConfig(fields['config']) };
    }
    case CODE.BootFailed:
      return { type: 'BootFailed', failure: decodeBootFailure(parseFields(payload, 'BootFailed')) };
    case CODE.Informational:
      return { type: 'Informational', task, head: decodeResponseHead(payload, 'Informational', 100, 199) };
    case CODE.ResponseHead:
      return { type: 'ResponseHead', task, head: decodeResponseHead(payload, 'ResponseHead', 100, 999) };
    case CODE.TaskStarted:
      return { type: 'TaskStarted', task };
    case CODE.TaskSkipped:
      return { type: 'TaskSkipped', task, slot: decodeNumber(payload, 'TaskSkipped') };
    case CODE.Pong:
      return { type: 'Pong' };
    case CODE.TaskFinished:
      return { type: 'TaskFinished', task };
    case CODE.TaskFailed:
      return { type: 'TaskFailed', task, error: decodeError(parseFields(payload, 'TaskFailed')) };
    case CODE.FailureReported:
      return { type: 'FailureReported', failure: decodeFailure(parseFields(payload, 'FailureReported')) };
    case CODE.TasksLeft:
      return { type: 'TasksLeft', count: decodeNumber(payload, 'TasksLeft') };
    case CODE.IntakeEnded:
      return { type: 'IntakeEnded' };
    case CODE.RetirementDue: {
      const reason = text(parseFields(payload, 'RetirementDue'), 'reason', 'RetirementDue');
      if (reason !== 'maxRequests' && reason !== 'deadline') throw new ProtocolError('RetirementDue: unknown reason');
      return { type: 'RetirementDue', reason };
    }
    default:
      return decodeBody(code, task, payload);
  }
}

/** @throws ProtocolError for anything that is no message from a watchdog */
export function decodeFromWatchdog(code: number, task: number, payload: Buffer): FromWatchdog {
  switch (code) {
    case CODE.Heartbeat: {
      const fields = parseFields(payload, 'Heartbeat');
      return {
        type: 'Heartbeat',
        vitals: {
          eventLoopDelayMs: wholeNumber(fields, 'eventLoopDelayMs', 'Heartbeat'),
          cpuMicros: wholeNumber(fields, 'cpuMicros', 'Heartbeat'),
          rssBytes: wholeNumber(fields, 'rssBytes', 'Heartbeat'),
        },
      };
    }
    case CODE.TaskRevoked:
      return { type: 'TaskRevoked', task, slot: decodeNumber(payload, 'TaskRevoked') };
    case CODE.TaskKept:
      return { type: 'TaskKept', task, slot: decodeNumber(payload, 'TaskKept') };
    case CODE.DeadlinePassed:
      return { type: 'DeadlinePassed', overdueMs: decodeNumber(payload, 'DeadlinePassed') };
    default:
      throw new ProtocolError(`unknown message type ${code}`);
  }
}

function decodeBody(code: number, task: number, payload: Buffer): BodyMessage {
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
    encrypted: flag(fields, 'encrypted', what),
    remoteAddress: text(fields, 'remoteAddress', what),
    remotePort: wholeNumber(fields, 'remotePort', what),
    localAddress: text(fields, 'localAddress', what),
    localPort: wholeNumber(fields, 'localPort', what),
  };
}

function decodeResponseHead(payload: Buffer, what: string, lowest: number, highest: number): ResponseHead {
  const fields = parseFields(payload, what);
  const status = wholeNumber(fields, 'status', what);
  if (status < lowest || status > highest) throw new ProtocolError(`${what}: status ${status}`);
  return { status, message: text(fields, 'message', what), headers: rawHeaders(fields['headers'], what) };
}

function decodeError(fields: Fields): RemoteError {
  return {
    name: text(fields, 'name', 'error'),
    message: text(fields, 'message', 'error'),
    stack: text(fields, 'stack', 'error'),
  };
}

function decodeFailure(fields: Fields): TaskFailure {
  const what = 'FailureReported';
  return {
    task: wholeNumber(fields, 'task', what),
    code: text(fields, 'code', what),
    message: text(fields, 'message', what),
    stack: text(fields, 'stack', what),
    method: text(fields, 'method', what),
    target: text(fields, 'target', what),
  };
}

function decodeBootFailure(fields: Fields): BootFailure {
  const code = text(fields, 'code', 'BootFailed');
  switch (code) {
    case 'ERR_HANDLER_LOAD':
    case 'ERR_HANDLER_INVALID':
    case 'ERR_BAD_OPTION':
    case 'ERR_PORT_IN_USE':
    case 'ERR_LISTEN':
      return { code, error: decodeError(asFields(fields['error'], 'BootFailed')) };
    default:
      throw new ProtocolError(`BootFailed: unknown code ${code.slice(0, 40)}`);
  }
}

/** Unknown keys are left out: they belong to a later version or to the user. Wrong types are the user's, and said at boot. */
function decodeConfig(value: unknown): HandlerConfig {
  const fields = asFields(value, 'Ready');
  const { deadline, idempotent, detached, key, client, priority, weight } = fields;
  return {
    ...(typeof deadline === 'string' || typeof deadline === 'number' ? { deadline } : {}),
    ...(typeof idempotent === 'boolean' ? { idempotent } : {}),
    ...(typeof detached === 'boolean' ? { detached } : {}),
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof client === 'string' ? { client } : {}),
    ...(typeof priority === 'string' || typeof priority === 'number' ? { priority } : {}),
    ...(typeof weight === 'string' || typeof weight === 'number' ? { weight } : {}),
  };
}
