import { until } from '../support/until.ts';
import { Gate } from './gate.ts';
import { problem, problemIn } from './problem.ts';
import { MODES } from './targets.ts';
import { topic } from './topic.ts';
import { exchange, requestText, valuesOf } from './wire.ts';
import type { WireResponse } from './take-response.ts';

const one = ['--max', '1', '--min', '1', '--spares', '0'];

/**
 * Has one task run, sends more of them, and waits until one of these is answered or all are with the handler. Then all may
 * end. Gives what was answered before, and the statuses in the end.
 */
async function crowd(port: number, more: number): Promise<unknown> {
  await using gate = await Gate.create();
  const request = requestText('GET', `/waits?gate=${gate.port}`);
  const running = exchange(port, request);
  await gate.arrived();
  const early: (WireResponse | null)[] = [];
  const waiting = Array.from({ length: more }, async () => {
    const response = await exchange(port, request);
    early.push(response);
    return response;
  });
  await until(() => early.length > 0 || gate.arrivals === more + 1, {
    describe: 'a task to be turned away, or all to run',
    withinMs: 20_000,
  });
  const turnedAway = early.map((response) => ({ problem: problemIn(response), retryAfter: valuesOf(response, 'retry-after') }));
  gate.open();
  const answers = await Promise.all([running, ...waiting]);
  return { turnedAway, statuses: answers.map((response) => response?.status).toSorted((a, b) => Number(a) - Number(b)) };
}

topic(
  'full queue',
  { handler: 'failures.mjs', targets: MODES, args: [...one, '--queue', '1', '--queue-timeout', '1m'] },
  {
    'one runs, one waits, and the next one gets 503 with Retry-After at once': {
      see: async ({ port }) => crowd(port, 2),
      expect: { turnedAway: [{ problem: problem(503, 'ERR_QUEUE_FULL'), retryAfter: ['1'] }], statuses: [200, 200, 503] },
    },
  },
);

topic(
  'queue timeout',
  { handler: 'failures.mjs', targets: MODES, args: [...one, '--queue', '8', '--queue-timeout', '300ms'] },
  {
    'one that waits longer than the queue timeout gets 503 with Retry-After': {
      see: async ({ port }) => crowd(port, 1),
      expect: { turnedAway: [{ problem: problem(503, 'ERR_QUEUE_TIMEOUT'), retryAfter: ['1'] }], statuses: [200, 503] },
    },
  },
);
