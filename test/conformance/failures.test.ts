import { MODES } from './targets.ts';
import { problem, problemIn } from './problem.ts';
import { topic, type Check } from './topic.ts';
import { Wire, exchange, jsonOf, requestText, valuesOf } from './wire.ts';

const threw = problem(500, 'ERR_HANDLER_THREW');

function fails(target: string, expect: unknown): Check {
  return { see: async ({ port }) => problemIn(await exchange(port, requestText('GET', target))), expect };
}

topic(
  'failures',
  { handler: 'failures.mjs', targets: MODES },
  {
    'a handler that throws: 500': fails('/throws', threw),
    'a handler that rejects: 500': fails('/rejects', threw),
    'a handler that throws a text: 500': fails('/throws-text', threw),
    'a handler that throws undefined: 500': fails('/throws-undefined', threw),
    'headers and status that were set before the throw are not part of the 500': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/throws-after-headers'));
        return [problemIn(response), valuesOf(response, 'x-of-the-answer')];
      },
      expect: [threw, []],
    },
    'a throw in the middle of an answer breaks it off': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/throws-in-the-middle'));
        return [response?.status, response?.body, response?.isComplete];
      },
      expect: [200, 'half', false],
    },
    'a throw in the turn of the first bytes, which have not gone out yet: 500': fails(
      '/throws-in-the-turn-of-the-first-bytes',
      threw,
    ),
    'a throw after the answer leaves it whole': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('GET', '/throws-after-the-end'));
        return [response?.status, response?.body, response?.isComplete];
      },
      expect: [200, 'whole', true],
    },
    'the connection goes on after a 500, with a body that was not read': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('POST', '/throws', [], 'x'.repeat(100_000)) + requestText('GET', '/'));
        return [(await wire.response())?.status, (await wire.response())?.status];
      },
      expect: [500, 200],
    },
    'HEAD of a handler that throws has no body': {
      see: async ({ port }) => {
        const response = await exchange(port, requestText('HEAD', '/throws'));
        return [response?.status, response?.body];
      },
      expect: [500, ''],
    },
    'the operator is told where it was thrown': {
      see: async (server) => {
        await exchange(server.port, requestText('GET', '/throws?told'));
        const line = await server.waitForLog((each) => String(each['msg']).includes('/throws?told'));
        return [line['code'], /RangeError: secret-4711\n\s+at .*failures\.mjs:\d+:\d+/.test(String(line['stack']))];
      },
      expect: ['ERR_HANDLER_THREW', true],
    },
  },
);

topic(
  'failures in development',
  { handler: 'failures.mjs', targets: MODES, args: ['--dev'] },
  {
    'the client sees message and stack': {
      see: async ({ port }) => {
        const document = jsonOf(await exchange(port, requestText('GET', '/throws')));
        return [
          String(document['detail']).includes('RangeError: secret-4711'),
          /at .*failures\.mjs:\d+:\d+/.test(String(document['stack'])),
        ];
      },
      expect: [true, true],
    },
  },
);

topic(
  'garbage',
  { handler: 'garbage.mjs', targets: MODES },
  {
    ...Object.fromEntries(
      ['number', 'undefined', 'null', 'text', 'plain-object', 'error'].map((what) => [
        `a handler that returns ${what}: 500`,
        fails(`/${what}`, threw),
      ]),
    ),
    'a handler that returns a Response is none of that': {
      see: async ({ port }) => (await exchange(port, requestText('GET', '/')))?.status,
      expect: 200,
    },
  },
);
