import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { offload } from '../../src/offload/offload.ts';
import { root } from '../support/paths.ts';

const LEFT_OUT = 'left out, it is half of that';

suite('the options of an offloaded route', () => {
  const REFUSED: readonly [object, RegExp][] = [
    [{ mode: 'cluster' }, /^mode: found "cluster", expected pool, fork or thread$/],
    [{ port: 1 }, /^options: found the unknown option "port", expected one of min, max/],
    [{ queueTimout: 1 }, /expected queueTimeout$/],
    [{ deadline: 'soon' }, /^deadline: found "soon"/],
    [{ max: 1, min: 2 }, /^min: found 2, expected at most 1/],
    [
      { quantum: '2s', deadline: '1s' },
      /^quantum: found 2s, expected less than 1s, the value of deadline: a task would be ended before it counts as long$/,
    ],
    [{ quantum: '30s' }, /^quantum: found 30s, expected less than 30s, the default of deadline: set deadline too$/],
    [{ memory: '1B' }, /^memory: found "1B", expected a size of at least 64MB, room for one worker$/],
    [{ memory: 2 ** 50 }, new RegExp(`^memory: found 1048576GB, expected at most \\d+[MG]B, all that .*; ${LEFT_OUT}$`)],
    [{ floor: '60%' }, /^floor: found "60%", expected a share from 1% to 50%$/],
    [{ priority: 11 }, /^priority: found 11, expected a whole number from -10 to 10$/],
    [{ priority: 0.5 }, /^priority: found 0.5, expected a whole number from -10 to 10$/],
    [{ priority: '{header.x-rank}' }, /^priority: found "{header.x-rank}", expected a whole number from -10 to 10$/],
    [{ context: 7 }, /^context: found 7, expected a function that gets the request$/],
  ];
  for (const [options, message] of REFUSED) {
    test(`${JSON.stringify(options)} is refused`, () =>
      assert.throws(() => offload('./report.mjs', options), { code: 'ERR_BAD_OPTION', message }));
  }

  test('are refused for one route too, as are arguments of nobody', { timeout: 60_000 }, async () => {
    const route = offload(pathToFileURL(join(root, 'test', 'fixtures', 'offload', 'report.mjs')));
    assert.throws(() => route.with({ deadline: -1 }), { code: 'ERR_BAD_OPTION' });
    assert.throws(() => route.with({ priority: -11 }), {
      code: 'ERR_BAD_OPTION',
      message: 'priority: found -11, expected a whole number from -10 to 10',
    });
    assert.throws(() => route.with({ priorty: 1 } as object), { message: /"priorty", expected priority$/ });
    await assert.rejects((route as unknown as (value: unknown) => Promise<void>)({}), { code: 'ERR_BAD_OPTION' });
    await route.close({ force: true });
  });
});
