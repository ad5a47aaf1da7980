import { Gate } from './gate.ts';
import { TARGETS } from './targets.ts';
import { topic } from './topic.ts';
import { Wire, requestText } from './wire.ts';

topic(
  'answers',
  { handler: 'protocol.mjs', targets: TARGETS },
  {
    'the first piece arrives while the handler holds the second back': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/pieces?gate=${gate.port}`));
        const before = await wire.contains('first;');
        gate.open();
        const response = await wire.response();
        return { early: before.includes('second'), framing: response?.framing, body: response?.body };
      },
      expect: { early: false, framing: 'chunked', body: 'first;second' },
    },
    'the head arrives while the handler holds the body back': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/head-first?gate=${gate.port}`));
        const before = await wire.contains('\r\n\r\n');
        gate.open();
        return { early: before.endsWith('body'), body: (await wire.response())?.body };
      },
      expect: { early: false, body: 'body' },
    },
    'early hints arrive before the answer': {
      see: async ({ port }) => {
        await using gate = await Gate.create();
        using wire = await Wire.to(port);
        wire.send(requestText('GET', `/early-hints?gate=${gate.port}`));
        await wire.contains('103 Early Hints');
        gate.open();
        const response = await wire.response();
        return { interim: response?.interim, status: response?.status, body: response?.body };
      },
      expect: {
        interim: [
          {
            status: 103,
            headers: [
              ['Link', '</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script'],
              ['x-hint', 'one'],
            ],
          },
        ],
        status: 200,
        body: 'after the hints',
      },
    },
    '102 arrives before the answer': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/continue-late'));
        const response = await wire.response();
        return { interim: response?.interim, body: response?.body };
      },
      expect: { interim: [{ status: 102, headers: [] }], body: 'processed' },
    },
    'trailers arrive after the body': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/trailers'));
        const response = await wire.response();
        return { body: response?.body, trailers: response?.trailers };
      },
      expect: {
        body: 'with trailers',
        trailers: [
          ['X-Sum', '42'],
          ['X-Late', 'yes'],
        ],
      },
    },
    'a chunked answer that breaks off looks broken': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/half-chunked'));
        const response = await wire.response();
        return { status: response?.status, body: response?.body, isComplete: response?.isComplete };
      },
      expect: { status: 200, body: 'half', isComplete: false },
    },
    'an answer with a length that breaks off looks broken': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/half-length'));
        const response = await wire.response();
        return { status: response?.status, body: response?.body, isComplete: response?.isComplete };
      },
      expect: { status: 200, body: 'half', isComplete: false },
    },
    'a response that is destroyed before its head closes the connection without a word': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/nothing'));
        return await wire.response();
      },
      expect: null,
    },
    'a line break in a header value is refused where the handler sets it': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/splits?value=a%250d%250aInjected%3a%20yes'));
        return (await wire.response())?.body;
      },
      expect: 'ERR_INVALID_CHAR',
    },
    'an answer longer than its Content-Length spills nothing into the next one': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/long'));
        const response = await wire.response();
        wire.send(requestText('GET', '/close'));
        return {
          status: response?.status,
          body: response?.body,
          isComplete: response?.isComplete,
          spills: (await wire.ended()) !== '',
        };
      },
      expect: { status: 200, body: '', isComplete: false, spills: false },
    },
    'an answer shorter than its Content-Length looks broken': {
      see: async ({ port }) => {
        using wire = await Wire.to(port);
        wire.send(requestText('GET', '/short'));
        await wire.contains('short');
        wire.endSending();
        const response = await wire.response();
        return { body: response?.body, isComplete: response?.isComplete };
      },
      expect: { body: 'short', isComplete: false },
    },
  },
);
