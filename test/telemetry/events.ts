import type { PreforkEvent } from '../../src/events/events.ts';
import type { Logged } from './logged.ts';
import { SLOW } from './slow-events.ts';

const worker = { worker: 3, pid: 4711 };
const named = { worker: 3, workerPid: 4711 };
const failed = {
  type: 'task:failed',
  task: 9,
  code: 'ERR_HANDLER_THREW',
  message: 'the handler threw Error: x',
  stack: 'Error: x\n    at y',
  method: 'GET',
  target: '/x',
  pid: 4711,
  runMs: 5,
  incident: null,
} as const;

/** At least one of each type; a type that is missing is an error of the compiler. */
const LOGGED: { readonly [T in PreforkEvent['type']]: readonly Logged<Extract<PreforkEvent, { type: T }>>[] } = {
  'server:listening': [
    {
      event: { type: 'server:listening', url: 'http://127.0.0.1:5000', mode: 'pool' },
      level: 'info',
      message: 'listening on http://127.0.0.1:5000 (mode pool)',
      fields: {},
    },
  ],
  'server:draining': [
    {
      event: { type: 'server:draining', running: 2 },
      level: 'info',
      message: 'ending: 2 running tasks get their time',
      fields: {},
    },
  ],
  'server:closed': [
    { event: { type: 'server:closed', lost: 0 }, level: 'info', message: 'ended, nothing was lost', fields: {} },
    { event: { type: 'server:closed', lost: 2 }, level: 'error', message: 'ended, 2 tasks were cut off', fields: {} },
  ],
  'server:notice': [{ event: { type: 'server:notice', message: 'mind this' }, level: 'warn', message: 'mind this', fields: {} }],
  'server:reloading': [
    {
      event: { type: 'server:reloading', generation: 2 },
      level: 'info',
      message: 'reloading: a worker tries the new code (generation 2)',
      fields: { generation: 2 },
    },
  ],
  'server:reloaded': [
    {
      event: { type: 'server:reloaded', generation: 2, replaced: 1, tookMs: 210.4 },
      level: 'info',
      message: 'reloaded: the new code serves after 210 ms, and with the old code 1 worker ends after what it runs',
      fields: { generation: 2, replaced: 1, tookMs: 210 },
    },
    {
      event: { type: 'server:reloaded', generation: 2, replaced: 4, tookMs: 1 },
      level: 'info',
      message: 'reloaded: the new code serves after 1 ms, and with the old code 4 workers end after what they run',
      fields: { generation: 2, replaced: 4, tookMs: 1 },
    },
  ],
  'server:reload-failed': [
    {
      event: { type: 'server:reload-failed', generation: 1, code: 'ERR_RELOAD', message: 'the new code does not boot' },
      level: 'error',
      message: 'the new code does not boot',
      fields: { generation: 1, code: 'ERR_RELOAD' },
    },
  ],
  'worker:starting': [
    { event: { type: 'worker:starting', ...worker }, level: 'debug', message: 'worker 4711 boots', fields: named },
  ],
  'worker:ready': [
    {
      event: { type: 'worker:ready', bootMs: 81.6, ...worker },
      level: 'debug',
      message: 'worker 4711 is ready after 82 ms',
      fields: named,
    },
  ],
  'worker:health': [
    {
      event: { type: 'worker:health', health: 'alive', eventLoopDelayMs: 1, ...worker },
      level: 'debug',
      message: 'worker 4711 answers again',
      fields: { ...named, health: 'alive', eventLoopDelayMs: 1 },
    },
    {
      event: { type: 'worker:health', health: 'busy', eventLoopDelayMs: 900, ...worker },
      level: 'debug',
      message: 'worker 4711 is busy: its event loop has not turned for 900 ms',
      fields: { ...named, health: 'busy', eventLoopDelayMs: 900 },
    },
    {
      event: { type: 'worker:health', health: 'hung', eventLoopDelayMs: 6000, ...worker },
      level: 'error',
      message:
        'worker 4711 is hung: nothing in the process answers, as if it were stopped or without memory; it is ended and replaced',
      fields: { ...named, health: 'hung', eventLoopDelayMs: 6000 },
    },
  ],
  'worker:draining': [
    {
      event: { type: 'worker:draining', reason: 'idle', ...worker },
      level: 'debug',
      message: 'worker 4711 drains: idle',
      fields: { ...named, reason: 'idle' },
    },
  ],
  'worker:killing': [
    {
      event: { type: 'worker:killing', reason: 'deadline', ...worker },
      level: 'warn',
      message: 'worker 4711 is ended: deadline',
      fields: { ...named, reason: 'deadline' },
    },
    {
      event: { type: 'worker:killing', reason: 'shutdown', ...worker },
      level: 'debug',
      message: 'worker 4711 is ended: shutdown',
      fields: { ...named, reason: 'shutdown' },
    },
  ],
  'worker:gone': [
    {
      event: { type: 'worker:gone', reason: 'exit code 3', unexpected: true, ...worker },
      level: 'error',
      message: 'worker 4711 is gone: exit code 3',
      fields: { ...named, reason: 'exit code 3' },
    },
    {
      event: { type: 'worker:gone', reason: 'idle', unexpected: false, ...worker },
      level: 'debug',
      message: 'worker 4711 is gone: idle',
      fields: { ...named, reason: 'idle' },
    },
  ],
  'worker:boot-failed': [
    {
      event: {
        type: 'worker:boot-failed',
        code: 'ERR_HANDLER_LOAD',
        message: 'x is not defined',
        stack: 'ReferenceError: x',
        ...worker,
      },
      level: 'error',
      message: 'worker 4711 did not boot: x is not defined',
      fields: { ...named, code: 'ERR_HANDLER_LOAD', stack: 'ReferenceError: x' },
    },
    {
      event: { type: 'worker:boot-failed', code: 'ERR_BOOT_TIMEOUT', message: 'too late', stack: '', ...worker },
      level: 'error',
      message: 'worker 4711 did not boot: too late',
      fields: { ...named, code: 'ERR_BOOT_TIMEOUT' },
    },
  ],
  'task:slow': SLOW,
  'worker:output': [
    {
      event: { type: 'worker:output', stream: 'stdout', line: 'hello', ...worker },
      level: 'info',
      message: 'hello',
      fields: { ...named, stream: 'stdout' },
    },
    {
      event: { type: 'worker:output', stream: 'stderr', line: 'oh', ...worker },
      level: 'warn',
      message: 'oh',
      fields: { ...named, stream: 'stderr' },
    },
  ],
  'boots:paused': [
    {
      event: { type: 'boots:paused', failures: 5, retryMs: 8000 },
      level: 'error',
      message: '5 boots failed in a row: the next one is tried in 8 s, workers that run go on',
      fields: {},
    },
  ],
  'boots:resumed': [{ event: { type: 'boots:resumed' }, level: 'info', message: 'workers boot again', fields: {} }],
  'task:demoted': [
    {
      event: { type: 'task:demoted', task: 9, worker: 3, pid: 4711 },
      level: 'debug',
      message: 'task 9 runs long: it goes on in the long lane',
      fields: { worker: 3, workerPid: 4711 },
    },
  ],
  'task:requeued': [
    {
      event: { type: 'task:requeued', task: 9, worker: 3, pid: 4711 },
      level: 'info',
      message: 'task 9 runs long and the long lane is full: it is stopped, and waits to be started again',
      fields: { worker: 3, workerPid: 4711 },
    },
  ],
  'task:overstays': [
    {
      event: { type: 'task:overstays', task: 9, worker: 3, pid: 4711 },
      level: 'info',
      message: 'task 9 runs long and the long lane is full: it keeps a worker of the short lane',
      fields: { worker: 3, workerPid: 4711 },
    },
  ],
  'task:revoked': [
    {
      event: { type: 'task:revoked', task: 9, ...worker },
      level: 'debug',
      message: 'task 9 was taken back before it began: its worker is busy',
      fields: named,
    },
  ],
  'task:retried': [
    {
      event: { type: 'task:retried', task: 9, ...worker },
      level: 'info',
      message: 'task 9 lost its worker, and is started again on another one',
      fields: named,
    },
  ],
  'call:retried': [
    {
      event: { type: 'call:retried', name: 'a "b"\n', ...worker },
      level: 'info',
      message: String.raw`a call of "a \"b\"\n" lost its worker, and is started again on another one`,
      fields: named,
    },
  ],
  'task:started': [{ event: { type: 'task:started', task: 9, worker: 3, queuedMs: 1 } }],
  'task:ended': [{ event: { type: 'task:ended', task: 9, status: 200, code: null, runMs: 1 } }],
  'call:ended': [{ event: { type: 'call:ended', name: 'f', end: 'completed', waitMs: 1, runMs: 2 } }],
  'task:failed': [
    {
      event: failed,
      level: 'error',
      message: 'GET /x: the handler threw Error: x',
      fields: { task: 9, code: 'ERR_HANDLER_THREW', workerPid: 4711, stack: failed.stack },
    },
    {
      event: { ...failed, code: 'ERR_BODY_TOO_LARGE', message: 'too large', stack: '', target: `/${'x'.repeat(500)}`, pid: null },
      level: 'info',
      message: `GET /${'x'.repeat(199)}: too large`,
      fields: { task: 9, code: 'ERR_BODY_TOO_LARGE', workerPid: null },
    },
    {
      event: { ...failed, code: 'ERR_DEADLINE', message: 'too late', stack: '', incident: 'abcdefghijkl' },
      level: 'error',
      message: 'GET /x: too late',
      fields: { task: 9, code: 'ERR_DEADLINE', workerPid: 4711, incident: 'abcdefghijkl' },
    },
  ],
};

/** All of the above in one list. */
export const EVENTS: readonly Logged[] = Object.values<readonly Logged[]>(LOGGED).flat();
