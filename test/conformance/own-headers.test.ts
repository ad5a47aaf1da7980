import { MODES } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { exchange, requestText, valuesOf } from './wire.ts';

const TIMING = /^queue;dur=\d+\.\d, run;dur=\d+\.\d$/;

/** Whether the two headers of ours are there, once each and in their form, and whether X-Worker names the process that answered. */
function headers(target: string, expect: unknown, method = 'GET'): Check {
  return {
    see: async ({ port }) => {
      const response = await exchange(port, requestText(method, target));
      const workers = valuesOf(response, 'x-worker');
      const isOwn = response?.status === 200 && method === 'GET' ? workers[0] === response.body : /^\d+$/.test(workers[0] ?? '');
      return { timing: valuesOf(response, 'server-timing').map((value) => TIMING.test(value)), workers: workers.length, isOwn };
    },
    expect,
  };
}

const both = { timing: [true], workers: 1, isOwn: true };
const none = { timing: [], workers: 0, isOwn: false };

topic(
  'own headers',
  { handler: 'failures.mjs', targets: MODES },
  {
    'Server-Timing and X-Worker are on an answer, with the pid that the handler has': headers('/', both),
    'they are on the answer to HEAD': headers('/', both, 'HEAD'),
    'they are on a 500': headers('/throws', both),
    'the run takes the time that it takes': {
      see: async ({ port }) => {
        const [value = ''] = valuesOf(await exchange(port, requestText('GET', '/loops?ms=100')), 'server-timing');
        return Number(/run;dur=([\d.]+)/.exec(value)?.[1] ?? 0) >= 100;
      },
      expect: true,
    },
  },
);

topic(
  'own headers off',
  { handler: 'failures.mjs', targets: MODES, args: ['--no-server-timing', '--no-worker-header'] },
  {
    'neither is on an answer': headers('/', none),
    'neither is on a 500': headers('/throws', none),
  },
);
