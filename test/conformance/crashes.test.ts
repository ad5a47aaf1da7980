import { problem, problemIn } from './problem.ts';
import { next } from './next.ts';
import { MODES } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { exchange, requestText } from './wire.ts';

/** The answer to the request that ends its worker, and whether the next one is served. */
function crash(target: string): Check['see'] {
  return async (server) => {
    const response = await exchange(server.port, requestText('GET', target));
    const { status, isComplete } = response ?? {};
    return { answer: isComplete === false ? { status, isComplete } : response && problemIn(response), next: await next(server) };
  };
}

const died = { answer: problem(502, 'ERR_WORKER_DIED'), next: 200 };

topic(
  'crashes',
  { handler: 'failures.mjs', targets: MODES, isServerSpent: true },
  {
    'a worker that exits: 502': { see: crash('/exits'), expect: died },
    'a worker that throws where nobody catches: 502': { see: crash('/throws-later'), expect: died },
    'a worker that exits in the middle of an answer: it looks broken': {
      see: crash('/exits-in-the-middle'),
      expect: { answer: { status: 200, isComplete: false }, next: 200 },
    },
  },
);
