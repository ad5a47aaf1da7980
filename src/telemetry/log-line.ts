import { assertNever } from '../errors/assert-never.ts';
import type { PreforkEvent } from '../events/events.ts';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | null>>;
}

/** What each event looks like in the log, or undefined for those that are for metrics alone. */
export function logLineOf(event: PreforkEvent): LogLine | undefined {
  switch (event.type) {
    case 'server:listening':
      return info(`listening on ${event.url} (mode ${event.mode})`, {});
    case 'server:draining':
      return info(`ending: ${event.running} running tasks get their time`, {});
    case 'server:closed':
      return event.lost === 0
        ? info('ended, nothing was lost', {})
        : { level: 'error', message: `ended, ${event.lost} tasks were cut off`, fields: {} };
    case 'server:notice':
      return { level: 'warn', message: event.message, fields: {} };
    case 'server:reloading':
    case 'server:reloaded':
    case 'server:reload-failed':
      return reloadLine(event);
    case 'worker:starting':
    case 'worker:ready':
    case 'worker:health':
    case 'worker:draining':
    case 'worker:killing':
    case 'worker:gone':
    case 'worker:boot-failed':
    case 'worker:output':
      return workerLine(event);
    case 'boots:paused':
      return {
        level: 'error',
        message: `${event.failures} boots failed in a row: the next one is tried in ${Math.round(event.retryMs / 1000)} s, workers that run go on`,
        fields: {},
      };
    case 'boots:resumed':
      return info('workers boot again', {});
    case 'task:failed':
      return taskLine(event);
    case 'task:slow':
      return slowLine(event);
    case 'task:demoted':
    case 'task:requeued':
    case 'task:overstays':
    case 'task:revoked':
    case 'task:retried':
      return laneLine(event);
    case 'call:retried':
      return info(`a call of ${JSON.stringify(event.name)} lost its worker, and is started again on another one`, name(event));
    case 'task:started':
    case 'task:ended':
    case 'call:ended':
      return undefined;
    default:
      return assertNever(event);
  }
}

/** What follows from something that was said already, or was asked for. */
const QUIET_KILLS: ReadonlySet<string> = new Set(['shutdown', 'bootFailed', 'unneeded', 'silent']);

function workerLine(event: Extract<PreforkEvent, { type: `worker:${string}` }>): LogLine {
  switch (event.type) {
    case 'worker:starting':
      return { level: 'debug', message: `worker ${event.pid} boots`, fields: name(event) };
    case 'worker:ready':
      return {
        level: 'debug',
        message: `worker ${event.pid} is ready after ${Math.round(event.bootMs)} ms`,
        fields: name(event),
      };
    case 'worker:health':
      return healthLine(event);
    case 'worker:draining':
      return {
        level: event.reason === 'stuck' ? 'warn' : 'debug',
        message: `worker ${event.pid} drains: ${event.reason}`,
        fields: { ...name(event), reason: event.reason },
      };
    case 'worker:killing':
      return {
        level: QUIET_KILLS.has(event.reason) ? 'debug' : 'warn',
        message: `worker ${event.pid} is ended: ${event.reason}`,
        fields: { ...name(event), reason: event.reason },
      };
    case 'worker:gone':
      return {
        level: event.unexpected ? 'error' : 'debug',
        message: `worker ${event.pid} is gone: ${event.reason}`,
        fields: { ...name(event), reason: event.reason },
      };
    case 'worker:boot-failed':
      return {
        // The failure of the reload says the same.
        level: event.isTrial === true ? 'debug' : 'error',
        message: `worker ${event.pid} did not boot: ${event.message}`,
        fields: { ...name(event), code: event.code, ...stack(event.stack) },
      };
    case 'worker:output':
      return {
        level: event.stream === 'stderr' ? 'warn' : 'info',
        message: event.line,
        fields: { ...name(event), stream: event.stream },
      };
    default:
      return assertNever(event);
  }
}

function reloadLine(event: Extract<PreforkEvent, { type: `server:reload${string}` }>): LogLine {
  const fields = { generation: event.generation };
  switch (event.type) {
    case 'server:reloading':
      return info(`reloading: a worker tries the new code (generation ${event.generation})`, fields);
    case 'server:reloaded': {
      const { replaced, tookMs } = event;
      const ending = `${replaced} ${replaced === 1 ? 'worker ends after what it runs' : 'workers end after what they run'}`;
      return info(`reloaded: the new code serves after ${Math.round(tookMs)} ms, and with the old code ${ending}`, {
        ...fields,
        replaced,
        tookMs: Math.round(tookMs),
      });
    }
    case 'server:reload-failed':
      return { level: 'error', message: event.message, fields: { ...fields, code: event.code } };
    default:
      return assertNever(event);
  }
}

function info(message: string, fields: LogLine['fields']): LogLine {
  return { level: 'info', message, fields };
}

function name(event: { readonly worker: number; readonly pid: number }): { worker: number; workerPid: number } {
  return { worker: event.worker, workerPid: event.pid };
}

function stack(text: string): { stack?: string } {
  return text === '' ? {} : { stack: text };
}

function healthLine(event: Extract<PreforkEvent, { type: 'worker:health' }>): LogLine {
  const fields = { ...name(event), health: event.health, eventLoopDelayMs: event.eventLoopDelayMs };
  switch (event.health) {
    case 'alive':
      return { level: 'debug', message: `worker ${event.pid} answers again`, fields };
    case 'busy':
      return {
        level: 'debug',
        message: `worker ${event.pid} is busy: its event loop has not turned for ${event.eventLoopDelayMs} ms`,
        fields,
      };
    case 'hung':
      return {
        level: 'error',
        message: `worker ${event.pid} is hung: nothing in the process answers, as if it were stopped or without memory; it is ended and replaced`,
        fields,
      };
  }
}

function taskLine(event: Extract<PreforkEvent, { type: 'task:failed' }>): LogLine {
  return {
    level: event.code === 'ERR_BODY_TOO_LARGE' ? 'info' : 'error',
    message: `${event.method} ${event.target.slice(0, 200)}: ${event.message}`,
    fields: {
      task: event.task,
      code: event.code,
      workerPid: event.pid,
      ...(event.incident === null ? {} : { incident: event.incident }),
      ...stack(event.stack),
    },
  };
}

/** Of those that were turned away within a second, beside the first one. */
export function refusedLine(code: string, count: number): LogLine {
  const requests = count === 1 ? 'one more request was' : `${count} more requests were`;
  return { level: 'error', message: `${requests} turned away within a second: ${code}`, fields: { code, count } };
}

function slowLine(event: Extract<PreforkEvent, { type: 'task:slow' }>): LogLine {
  const { task, incident, route, runMs, cpuMs, rssBytes, eventLoopDelayMs } = event;
  const what = event.summary === null ? '' : `: ${event.summary}`;
  return {
    level: 'warn',
    message: `${event.method} ${event.target.slice(0, 200)} has run for ${runMs} ms${what}`,
    fields: { task, ...name(event), incident, route, runMs, cpuMs, rssBytes, eventLoopDelayMs, ...stack(event.stack) },
  };
}

type LaneEvent = Extract<
  PreforkEvent,
  { type: 'task:demoted' | 'task:requeued' | 'task:overstays' | 'task:revoked' | 'task:retried' }
>;

/** What became of a task between the workers. */
function laneLine(event: LaneEvent): LogLine {
  switch (event.type) {
    case 'task:demoted':
      return { level: 'debug', message: `task ${event.task} runs long: it goes on in the long lane`, fields: name(event) };
    case 'task:requeued':
      return info(
        `task ${event.task} runs long and the long lane is full: it is stopped, and waits to be started again`,
        name(event),
      );
    case 'task:overstays':
      return info(`task ${event.task} runs long and the long lane is full: it keeps a worker of the short lane`, name(event));
    case 'task:revoked':
      return {
        level: 'debug',
        message: `task ${event.task} was taken back before it began: its worker is busy`,
        fields: name(event),
      };
    case 'task:retried':
      return info(`task ${event.task} lost its worker, and is started again on another one`, name(event));
    default:
      return assertNever(event);
  }
}
