/** What a handler is told of the end of its request: apps clean up after `close`, and those that stream wait for it. */
import { until } from '../support/until.ts';
import type { TestServer } from '../support/test-server.ts';
import { topic, type Check } from './topic.ts';
import { exchange, requestText, Wire } from './wire.ts';

async function heardOf({ port }: TestServer, path: string): Promise<string[]> {
  return JSON.parse((await exchange(port, requestText('GET', `/heard?${path}`)))?.body ?? '[]') as string[];
}

/** Sends a request, has its client go away unless it is answered, and gives what was told until both are closed. In the order of each of the two. */
function told(path: string, request: string, expect: { readonly request: string[]; readonly response: string[] }): Check {
  return {
    see: async (server) => {
      {
        using wire = await Wire.to(server.port);
        wire.send(request);
        if (path.includes('answered')) await wire.response();
        else await until(async () => (await heardOf(server, path)).includes('begun'), { describe: 'the handler to begin' });
        // One that reads has read before its client goes.
        if (path.includes('reads'))
          await until(async () => (await heardOf(server, path)).includes('request end'), { describe: 'the end of the body' });
      }
      const closed = ['request close', 'response close'];
      let last: string[] = [];
      await until(async () => closed.every((event) => last.includes(event)) || void (last = await heardOf(server, path)), {
        describe: () => `${closed.join(' and ')}; so far: ${last.join(', ')}`,
      });
      const of = (what: string) =>
        last.filter((event) => event.startsWith(`${what} `)).map((event) => event.slice(what.length + 1));
      return { request: of('request'), response: of('response') };
    },
    expect,
  };
}

const gone = ['aborted', 'close'];

topic(
  'endings',
  // Modes blocking and cluster hand on what node:http has made; in mode fork nobody could be asked later.
  { handler: 'hears.mjs', targets: ['bare', 'pool', 'thread'], args: ['--max', '1', '--concurrency', '4'] },
  {
    'a client that goes away closes its request': told('/gone', requestText('GET', '/gone'), {
      request: gone,
      response: ['close'],
    }),
    'and is an error to those who listen for one': told('/gone-listens', requestText('GET', '/gone-listens'), {
      request: ['aborted', 'error ECONNRESET aborted', 'close'],
      response: ['close'],
    }),
    'also in the middle of an answer': told('/begun', requestText('GET', '/begun'), { request: gone, response: ['close'] }),
    'also with a body that nobody has read': told('/unread', requestText('POST', '/unread', [], 'body'), {
      request: gone,
      response: ['close'],
    }),
    'a request that was read has closed before': told('/reads', requestText('POST', '/reads', [], 'body'), {
      request: ['end', 'close'],
      response: ['close'],
    }),
    'an answer closes a request that nobody has read': told('/answered', requestText('POST', '/answered', [], 'body'), {
      request: ['end', 'close'],
      response: ['finish', 'close'],
    }),
    'and one without a body': told('/answered-get', requestText('GET', '/answered-get'), {
      request: ['end', 'close'],
      response: ['finish', 'close'],
    }),
  },
);
