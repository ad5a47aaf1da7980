import { problem, problemIn } from './problem.ts';
import { next } from './next.ts';
import { MODES } from './targets.ts';
import { topic } from './topic.ts';
import { exchange, requestText } from './wire.ts';

/** So much longer than the deadline that a loaded machine is in time. */
const LOOP_MS = 5000;

const late = problem(504, 'ERR_DEADLINE');

topic(
  'deadline',
  { handler: 'failures.mjs', targets: MODES, args: ['--deadline', '500ms'] },
  {
    'a handler that never answers: 504': {
      see: async ({ port }) => problemIn(await exchange(port, requestText('GET', '/never'))),
      expect: late,
    },
    'a handler that never ends its answer: it looks broken': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/half-and-never'));
        return [response?.status, response?.body, response?.isComplete];
      },
      expect: [200, 'half', false],
    },
    'a handler that never leaves a loop: 504, before the loop would have ended': {
      see: async ({ port }) => {
        const startedMs = performance.now();
        const response = await exchange(port, requestText('GET', `/loops?ms=${LOOP_MS}`));
        return { answer: response && problemIn(response), inTime: performance.now() - startedMs < LOOP_MS };
      },
      expect: { answer: late, inTime: true },
    },
    'the next request is served': {
      see: (server) => next(server),
      expect: 200,
    },
  },
);
