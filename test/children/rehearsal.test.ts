import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handler } from '../support/paths.ts';
import { firstOf } from './rehearsed.ts';

for (const mode of ['pool', 'fork', 'thread'])
  for (const style of ['node', 'fetch'])
    test(`mode ${mode}, ${style}: an idle worker has rehearsed, and nothing of that reached the handler`, async () => {
      assert.deepEqual(await firstOf({ STYLE: style }, mode), { begun: 4, handled: 1, counted: 0 });
    });

for (const touch of ['end', 'observer'])
  test(`where the module looks at all requests (${touch}) there is no rehearsal, and nothing is counted that was not asked for`, async () => {
    assert.deepEqual(await firstOf({ TOUCH: touch }), { begun: 1, handled: 1, counted: 0 });
  });

test('where something is loaded before the module there is no rehearsal', async () => {
  assert.equal((await firstOf({ NODE_OPTIONS: `--require ${JSON.stringify(handler('preload.cjs'))}` })).begun, 1);
});
