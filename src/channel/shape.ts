import { ProtocolError } from './frame.ts';
import type { BootFailure, BootOptions, HandlerConfig, RemoteError, RequestHead, ResponseHead, TaskFailure } from './messages.ts';
import type { Observation } from './observation.ts';

/**
 * Checks on what a peer sent as JSON. Hand-made, because a worker boots with every module that this room imports. Values are
 * read field by field and never merged, so an own `__proto__` in the text has no effect. First the checks of single values, then
 * those of all that messages are made of.
 */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(payload: Buffer, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw new ProtocolError(`${what}: the payload is not JSON`);
  }
  return asFields(value, what);
}

export function asFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError(`${what}: expected an object`);
  return value as Fields;
}

export function text(fields: Fields, key: string, what: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new ProtocolError(`${what}: ${key} is no string`);
  return value;
}

export function wholeNumber(fields: Fields, key: string, what: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError(`${what}: ${key} is no whole number`);
  }
  return value;
}

export function flag(fields: Fields, key: string, what: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw new ProtocolError(`${what}: ${key} is neither true nor false`);
  return value;
}

/** Raw headers: an even number of strings. */
export function rawHeaders(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value) || value.length % 2 !== 0 || !value.every((item) => typeof item === 'string')) {
    throw new ProtocolError(`${what}: expected names and values in turn`);
  }
  return value;
}

export function decodeBootOptions(fields: Fields): BootOptions {
  const typescript = fields['typescript'];
  return {
    protocol: wholeNumber(fields, 'protocol', 'Boot'),
    entry: text(fields, 'entry', 'Boot'),
    typescript: typescript === null ? null : text(fields, 'typescript', 'Boot'),
    taskLimit: wholeNumber(fields, 'taskLimit', 'Boot'),
    concurrency: wholeNumber(fields, 'concurrency', 'Boot'),
  };
}

export function decodeObservation(fields: Fields): Observation {
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

export function decodeRequestHead(fields: Fields): RequestHead {
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

export function decodeResponseHead(payload: Buffer, what: string, lowest: number, highest: number): ResponseHead {
  const fields = parseFields(payload, what);
  const status = wholeNumber(fields, 'status', what);
  if (status < lowest || status > highest) throw new ProtocolError(`${what}: status ${status}`);
  return { status, message: text(fields, 'message', what), headers: rawHeaders(fields['headers'], what) };
}

export function decodeError(fields: Fields): RemoteError {
  return {
    name: text(fields, 'name', 'error'),
    message: text(fields, 'message', 'error'),
    stack: text(fields, 'stack', 'error'),
  };
}

export function decodeFailure(fields: Fields): TaskFailure {
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

export function decodeBootFailure(fields: Fields): BootFailure {
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
export function decodeConfig(value: unknown): HandlerConfig {
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
