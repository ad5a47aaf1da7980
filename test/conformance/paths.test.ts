import { TARGETS } from './targets.ts';
import { topic, type Check } from './topic.ts';
import { exchange, jsonOf, requestText } from './wire.ts';

/** Bytes that no target may hold (RFC 3986): node:http refuses them itself. */
const REFUSED: readonly string[] = ['/caf\u00c3\u00a9', '/\u00ff\u0080', '/a?\u00a0', '/a\u0001b', '/a\u001b[31m'];

/** Targets that somebody on the way could be tempted to tidy up: the handler must get each as it was sent. */
const ODD: readonly string[] = [
  '/',
  '//a',
  '//evil.example/x',
  '///',
  '/%2f',
  '/%2F..%2f..%2fetc',
  '/../../etc/passwd',
  '/./a/../b',
  '/a%00b',
  '/a%0d%0ab',
  '/a%',
  '/?',
  '/??a=1&&b',
  '/?q=a+b%20c&q=%E2%82%AC#not-a-fragment',
  '/a;b=c,d',
  '/\\back',
  '/~!$&\'()*+,;=:@|"<>^`{}',
  'http://other.test/absolute?x=1',
  'HTTP://other.test',
  `/${'long/'.repeat(2000)}`,
];

topic(
  'paths',
  { handler: 'protocol.mjs', targets: TARGETS },
  Object.fromEntries(
    [...ODD, ...REFUSED].map((target) => [
      target.length > 100 ? `a path of ${target.length} bytes` : `the target ${JSON.stringify(target)}`,
      {
        see: async ({ port }) => {
          const response = await exchange(port, requestText('GET', target));
          return response?.status === 200 ? jsonOf(response)['url'] : response?.status;
        },
        expect: REFUSED.includes(target) ? 400 : target,
      } satisfies Check,
    ]),
  ),
);
