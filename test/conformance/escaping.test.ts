import type { TestServer } from '../support/test-server.ts';
import { problem, problemIn } from './problem.ts';
import { MODES } from './targets.ts';
import { topic } from './topic.ts';
import { exchange, requestText } from './wire.ts';

/** A colour, a new line that would begin a line of its own, a bell, a separator, a bidi override, C1, and markup. */
const NASTY = '%1b[31mred%0a{"level":60,"msg":"forged"}%0d%07%e2%80%a8%e2%80%ae%c2%9b1m<script>';
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** What the log made of the request: how many lines are forged, and how many hold a character that must not be there. */
function logOf(server: TestServer): unknown {
  const lines = server.stderr();
  return {
    forged: server.logs().filter((line) => line['msg'] === 'forged').length,
    unsafe: lines.filter((line) => UNSAFE.test(line)).length,
  };
}

topic(
  'escaping',
  { handler: 'failures.mjs', targets: MODES },
  {
    'what a handler quotes of a request in its error is escaped in the log, and not in the answer': {
      see: async (server) => {
        const response = await exchange(server.port, requestText('GET', `/throws-request-text?${NASTY}`));
        await server.waitForLog(
          (line) => String(line['msg']).includes('/throws-request-text') && String(line['msg']).includes('script'),
        );
        return { answer: problemIn(response), quotes: response?.body.includes('script'), log: logOf(server) };
      },
      expect: { answer: problem(500, 'ERR_HANDLER_THREW'), quotes: false, log: { forged: 0, unsafe: 0 } },
    },
    'a very long target is cut in the log': {
      see: async (server) => {
        await exchange(server.port, requestText('GET', `/throws?long=${'x'.repeat(5000)}`));
        const line = await server.waitForLog((each) => String(each['msg']).includes('/throws?long'));
        return String(line['msg']).length < 1000;
      },
      expect: true,
    },
  },
);
