import type { PreforkEvent } from '../../src/events/events.ts';
import type { Logged } from './logged.ts';

const worker = { worker: 3, pid: 4711 };
const named = { worker: 3, workerPid: 4711 };

/** With all that can be known of a slow task, and with as little as possible. */
export const SLOW: readonly Logged<Extract<PreforkEvent, { type: 'task:slow' }>>[] = [
  {
    event: {
      type: 'task:slow',
      ...worker,
      task: 9,
      incident: 'abcdefghijkl',
      method: 'GET',
      target: '/x',
      route: 'GET /x',
      runMs: 5001,
      cpuMs: 4987,
      rssBytes: 51_000_000,
      eventLoopDelayMs: 4990,
      summary: 'computing in spin (/app/report.ts:3)',
      stack: '    at spin (/app/report.ts:3:5)',
    },
    level: 'warn',
    message: 'GET /x has run for 5001 ms: computing in spin (/app/report.ts:3)',
    fields: {
      ...named,
      task: 9,
      incident: 'abcdefghijkl',
      route: 'GET /x',
      runMs: 5001,
      cpuMs: 4987,
      rssBytes: 51_000_000,
      eventLoopDelayMs: 4990,
      stack: '    at spin (/app/report.ts:3:5)',
    },
  },
  {
    event: {
      type: 'task:slow',
      ...worker,
      task: 9,
      incident: 'abcdefghijkl',
      method: 'GET',
      target: '/x',
      route: 'GET /x',
      runMs: 5001,
      cpuMs: null,
      rssBytes: null,
      eventLoopDelayMs: null,
      summary: null,
      stack: '',
    },
    level: 'warn',
    message: 'GET /x has run for 5001 ms',
    fields: {
      ...named,
      task: 9,
      incident: 'abcdefghijkl',
      route: 'GET /x',
      runMs: 5001,
      cpuMs: null,
      rssBytes: null,
      eventLoopDelayMs: null,
    },
  },
];
