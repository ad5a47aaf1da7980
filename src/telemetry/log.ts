/**
 * Turns the events of the rooms into log lines on stderr: for a person on a terminal, JSON lines else. What workers print
 * and what clients send is untrusted: it is escaped here, for JSON by the encoder and for terminals by `printable`.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Logger } from 'pino';
import type { LogLevel } from '../config/settings.ts';
import type { EventType, PreforkEvent } from '../events/events.ts';
import { type LogLine, logLineOf, refusedLine } from './log-line.ts';
import { printable } from '../text/printable.ts';
import { Refusals } from './refusals.ts';

const EVENTS = [
  'server:listening',
  'server:draining',
  'server:closed',
  'server:notice',
  'server:reloading',
  'server:reloaded',
  'server:reload-failed',
  'worker:starting',
  'worker:ready',
  'worker:health',
  'worker:draining',
  'worker:killing',
  'worker:gone',
  'worker:boot-failed',
  'worker:output',
  'boots:paused',
  'boots:resumed',
  'task:demoted',
  'task:requeued',
  'task:overstays',
  'task:revoked',
  'task:retried',
  'call:retried',
  'task:failed',
  'task:slow',
] as const satisfies readonly EventType[];

/** Starts to log; the returned function ends it. Lines are written synchronously: none is lost when the process ends. */
export async function startLog(level: LogLevel): Promise<() => void> {
  if (level === 'silent') return () => {};
  const logger = await createLogger(level);
  // Who starts the server is told by it that the first worker did not boot; in the log only what follows is news.
  let isUp = false;
  const refusals = new Refusals((code, count) => write(logger, 'task:failed', refusedLine(code, count)));
  const listeners = EVENTS.map((type) => {
    const name = `prefork:${type}`;
    const listener = (event: unknown): void => {
      const known = event as PreforkEvent;
      if (known.type === 'server:listening') isUp = true;
      if (known.type === 'task:failed' && refusals.leavesOut(known.code)) return;
      const line = logLineOf(known);
      if (line !== undefined)
        write(logger, known.type, known.type === 'worker:boot-failed' && !isUp ? { ...line, level: 'debug' } : line);
    };
    subscribe(name, listener);
    return () => unsubscribe(name, listener);
  });
  return () => {
    for (const stop of listeners) stop();
    refusals.end();
  };
}

/** Loads no more than it uses: the form for a person takes as long to load as pino itself, and who has a pool alone needs neither. */
async function createLogger(level: LogLevel): Promise<Logger> {
  const { pino } = await import('pino');
  const options = { level, base: { pid: process.pid } };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname,event', translateTime: 'SYS:HH:MM:ss.l' }));
}

function write(logger: Logger, event: EventType, line: LogLine): void {
  logger[line.level]({ event, ...escape(line.fields) }, oneLine(line.message));
}

/** What a client sent can be part of an error's message: with a new line in it, it could forge the next line of the log. */
function oneLine(message: string): string {
  return printable(message).replaceAll('\n', '\\u000a');
}

function escape(fields: Readonly<Record<string, string | number | null>>): Record<string, string | number | null> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? printable(value) : value]),
  );
}
