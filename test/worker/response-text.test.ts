import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { parseFieldLines, parseHead } from '../../src/worker/response-text.ts';
import { holds } from '../channel/holds.ts';

/** The head that Node writes for this answer. */
function headOf(status: number, message: string | undefined, headers: readonly string[]): string {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.sendDate = false;
  response.writeHead(status, message, [...headers]);
  const { _header: head } = response as unknown as { _header: string };
  return head;
}

const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...characters.split(''));
const anyName = fc.string({ unit: oneOf("abcXYZ019-_!#$%&'*+.^`|~"), minLength: 1, maxLength: 12 }).map((name) => `x${name}`);
const anyValue = fc.string({ unit: oneOf('ab :;,="/\t\\é\u00ff'), maxLength: 20 });
const anyMessage = fc.string({ unit: oneOf('OK fine:é\t'), minLength: 1, maxLength: 12 });

suite('what Node has written is read back', () => {
  test('status, message and headers, in their order and as often as they were set', () => {
    holds(
      fc.property(
        fc.integer({ min: 200, max: 999 }),
        anyMessage,
        fc.array(fc.tuple(anyName, anyValue), { maxLength: 8 }),
        (status, message, pairs) => {
          const headers = pairs.flat();
          const head = parseHead(headOf(status, message, headers));
          assert.deepEqual([head.status, head.message], [status, message]);
          assert.deepEqual(head.headers.slice(0, headers.length), headers);
          // Node adds no more than how the connection goes on.
          for (let index = headers.length; index < head.headers.length; index += 2) {
            assert.match(head.headers[index] ?? '', /^(Connection|Keep-Alive|Transfer-Encoding)$/);
          }
        },
      ),
    );
  });

  test('a status without a message of its own', () => {
    assert.equal(parseHead(headOf(404, undefined, [])).message, 'Not Found');
    assert.equal(parseHead(headOf(299, undefined, [])).message, 'unknown');
    assert.deepEqual(parseHead('HTTP/1.1 299 \r\n\r\n'), { status: 299, message: '', headers: [] });
  });

  test('several cookies, and values with colons, spaces and nothing in them', () => {
    const headers = [
      'Set-Cookie',
      'a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT',
      'Set-Cookie',
      'b=2',
      'X-Empty',
      '',
      'X-Colons',
      ': a: b',
    ];
    assert.deepEqual(parseHead(headOf(200, 'OK', headers)).headers.slice(0, headers.length), headers);
  });

  test('trailers, which are lines without a head', () => {
    assert.deepEqual(parseFieldLines('a: 1\r\nb: \r\n'.split('\r\n'), 0), ['a', '1', 'b', '']);
    assert.deepEqual(parseFieldLines(''.split('\r\n'), 0), []);
  });
});
