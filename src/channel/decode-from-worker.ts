/** What the primary reads of its workers. They themselves do not load it. */
import { CODE, decodeBody, OUTCOME_HEADER_BYTES } from './codec.ts';
import { ProtocolError } from './frame.ts';
import { decodeAnswer, decodeResponseHead } from './heads.ts';
import {
  type BootFailure,
  type FromWatchdog,
  type FromWorker,
  type HandlerConfig,
  type RemoteError,
  type RunningTask,
  type TaskFailure,
  type TasksReported,
  TUNNEL_KINDS,
} from './messages.ts';
import { asFields, decodeNumber, type Fields, parseFields, text, wholeNumber } from './shape.ts';

/** More counts than these are no report of ours. */
const MOST_COUNTS = 256;

/** @throws ProtocolError for anything that is no message from a worker's main thread */
export function decodeFromWorker(code: number, task: number, payload: Buffer): FromWorker {
  switch (code) {
    case CODE.Ready: {
      const fields = parseFields(payload, 'Ready');
      return {
        type: 'Ready',
        protocol: wholeNumber(fields, 'protocol', 'Ready'),
        config: decodeConfig(fields['config']),
        thread: wholeNumber(fields, 'thread', 'Ready'),
      };
    }
    case CODE.BootFailed:
      return { type: 'BootFailed', failure: decodeBootFailure(parseFields(payload, 'BootFailed')) };
    case CODE.Informational:
      return { type: 'Informational', task, head: decodeResponseHead(payload, 'Informational', 100, 199) };
    case CODE.ResponseHead:
      return { type: 'ResponseHead', task, head: decodeResponseHead(payload, 'ResponseHead', 100, 999) };
    case CODE.Answered:
      return decodeAnswer(task, payload);
    case CODE.TaskStarted:
      return { type: 'TaskStarted', task };
    case CODE.TaskSkipped:
      return { type: 'TaskSkipped', task, slot: decodeNumber(payload, 'TaskSkipped') };
    case CODE.Pong:
      return { type: 'Pong' };
    case CODE.TaskFinished:
      return { type: 'TaskFinished', task, micros: decodeNumber(payload, 'TaskFinished') };
    case CODE.CallReturned:
      return { type: 'CallReturned', task, micros: microsOf(payload), bytes: payload.subarray(OUTCOME_HEADER_BYTES) };
    case CODE.CallThrew:
      return { type: 'CallThrew', task, micros: microsOf(payload), bytes: payload.subarray(OUTCOME_HEADER_BYTES) };
    case CODE.CallReported:
      return { type: 'CallReported', task, bytes: payload };
    case CODE.TaskFailed:
      return decodeTaskFailed(task, parseFields(payload, 'TaskFailed'));
    case CODE.FailureReported:
      return { type: 'FailureReported', failure: decodeFailure(parseFields(payload, 'FailureReported')) };
    case CODE.TasksLeft:
      return { type: 'TasksLeft', count: decodeNumber(payload, 'TasksLeft') };
    case CODE.IntakeEnded:
      return { type: 'IntakeEnded' };
    case CODE.TasksReported:
      return decodeTasks(parseFields(payload, 'TasksReported'));
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
    case CODE.TasksReported:
      return decodeTasks(parseFields(payload, 'TasksReported'));
    case CODE.TaskRevoked:
      return { type: 'TaskRevoked', task, slot: decodeNumber(payload, 'TaskRevoked') };
    case CODE.TaskKept:
      return { type: 'TaskKept', task, slot: decodeNumber(payload, 'TaskKept') };
    case CODE.DeadlinePassed:
      return { type: 'DeadlinePassed', overdueMs: decodeNumber(payload, 'DeadlinePassed') };
    case CODE.Observed:
      return { type: 'Observed', request: task, bytes: payload };
    case CODE.ObservationEnded: {
      const error = text(parseFields(payload, 'ObservationEnded'), 'error', 'ObservationEnded');
      return { type: 'ObservationEnded', request: task, error };
    }
    default:
      throw new ProtocolError(`unknown message type ${code}`);
  }
}

function microsOf(payload: Buffer): number {
  if (payload.length < OUTCOME_HEADER_BYTES) throw new ProtocolError('the outcome of a call is cut off');
  return payload.readUInt32LE(0);
}

function decodeTaskFailed(task: number, fields: Fields): FromWorker {
  const what = 'TaskFailed';
  return { type: what, task, micros: wholeNumber(fields, 'micros', what), error: decodeError(asFields(fields['error'], what)) };
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
    runMs: fields['runMs'] === null ? null : wholeNumber(fields, 'runMs', what),
    incident: fields['incident'] === null ? null : text(fields, 'incident', what),
  };
}

function decodeTasks(fields: Fields): TasksReported {
  const what = 'TasksReported';
  const { counts, oldest } = fields;
  if (!Array.isArray(counts) || counts.length > MOST_COUNTS || !counts.every(isCount))
    throw new ProtocolError(`${what}: the counts are no numbers from 0`);
  return { type: 'TasksReported', counts, oldest: oldest === null ? null : decodeRunning(asFields(oldest, what)) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function decodeRunning(fields: Fields): RunningTask {
  const what = 'TasksReported';
  return {
    task: wholeNumber(fields, 'task', what),
    method: text(fields, 'method', what),
    url: text(fields, 'url', what),
    runMs: wholeNumber(fields, 'runMs', what),
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

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Unknown keys are left out: they belong to a later version or to the user. Wrong types are the user's, and said at boot. */
function decodeConfig(value: unknown): HandlerConfig {
  const fields = asFields(value, 'Ready');
  const { deadline, idempotent, detached, key, client, priority, weight, takes } = fields;
  return {
    ...(typeof deadline === 'string' || typeof deadline === 'number' ? { deadline } : {}),
    ...(typeof idempotent === 'boolean' || isListOfTexts(idempotent) ? { idempotent } : {}),
    ...(typeof detached === 'boolean' ? { detached } : {}),
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof client === 'string' ? { client } : {}),
    ...(typeof priority === 'string' || typeof priority === 'number' ? { priority } : {}),
    ...(typeof weight === 'string' || typeof weight === 'number' ? { weight } : {}),
    ...(Array.isArray(takes) ? { takes: TUNNEL_KINDS.filter((kind) => takes.includes(kind)) } : {}),
  };
}
