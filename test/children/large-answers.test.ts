import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { Wire } from '../conformance/wire.ts';
import { get, open, type LiveResponse } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';

/** Below and above what goes in one message, in one region of shared memory, and in one window. */
const SIZES_KB = [15, 65, 300, 1024, 1025, 2500, 5000];
const PIECES = [1, 3, 20];
const ROUNDS = 3;

interface Wanted {
  readonly path: string;
  readonly body: Buffer;
}

/** Each has a text of its own: bytes of another answer would show. */
function wanted(round: number): Wanted[] {
  return SIZES_KB.flatMap((kb) =>
    PIECES.map((pieces) => {
      const text = `${round}.${kb}.${pieces}/`;
      return { path: `/text?of=${text}&kb=${kb}&pieces=${pieces}`, body: Buffer.alloc(kb * 1024, text) };
    }),
  );
}

async function rest({ body }: LiveResponse): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

for (const mode of ['pool', 'thread']) {
  test(`mode ${mode}: large answers arrive as they were written, beside clients that are slow and clients that leave`, async (t) => {
    await using server = await startServer({
      entry: handler('large.mjs'),
      args: ['--mode', mode, '--max', '4', '--queue-timeout', '2m'],
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    t.after(() => agent.destroy());
    const slow = await Promise.all(
      [1, 20].map(async (pieces) => {
        const body = Buffer.alloc(30_000 * 1024, `slow ${pieces}`);
        return {
          body,
          response: await open(`${server.url}/text?of=slow ${pieces}&kb=30000&pieces=${pieces}`.replace(' ', '%20')),
        };
      }),
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      const leaving = open(`${server.url}/text?of=leaves&kb=9000`).then((response) => response.abort());
      await Promise.all(
        wanted(round).map(async ({ path, body }) => {
          const answer = await get(`${server.url}${path}`, { agent });
          assert.ok(answer.status === 200 && body.equals(answer.body), `${path}: ${answer.status}, ${answer.body.length} bytes`);
        }),
      );
      await leaving;
    }
    for (const { body, response } of slow) assert.ok(body.equals(await rest(response)), 'a slow client got something else');
  });
}

test('large answers to requests that came at once follow one another', async () => {
  await using server = await startServer({ entry: handler('large.mjs'), args: ['--max', '4', '--queue-timeout', '2m'] });
  using wire = await Wire.to(server.port);
  const all = wanted(0).filter(({ body }) => body.length < 3_000_000);
  wire.send(all.map(({ path }) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  for (const { path, body } of all) {
    const answer = await wire.response();
    assert.ok(answer !== null && body.equals(Buffer.from(answer.body, 'latin1')), path);
  }
});
