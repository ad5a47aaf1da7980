import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heaviest, readCallTree } from '../../dashboard/flame/call-tree.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
  scriptId: '1',
});

/** root -> outer (1 ms) -> inner (3 ms) -> outer again (2 ms); root -> quick (1 ms); idle 5 ms. */
const PROFILE = JSON.stringify({
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 4, 5] },
    { id: 2, callFrame: frame('outer', 'file:///app/a.js', 9), children: [3] },
    { id: 3, callFrame: frame('inner', 'file:///app/node_modules/b/b.js', 0), children: [6] },
    { id: 4, callFrame: frame('quick', 'node:fs', 4) },
    { id: 5, callFrame: frame('(idle)') },
    { id: 6, callFrame: frame('outer', 'file:///app/a.js', 9) },
  ],
  samples: [2, 3, 3, 6, 4, 5],
  timeDeltas: [1000, 1000, 2000, 2000, 1000, 5000],
});

test('a profile becomes a tree with times, the longest first, without the time in which nothing ran', () => {
  const { root, deepest, idleMs } = readCallTree(PROFILE);
  assert.deepEqual([root.totalMs, idleMs, deepest], [7, 5, 3]);
  const [outer, quick] = root.children;
  assert.deepEqual([outer?.name, outer?.selfMs, outer?.totalMs, outer?.startMs], ['outer', 1, 6, 0]);
  assert.deepEqual([quick?.name, quick?.totalMs, quick?.startMs, quick?.origin], ['quick', 1, 6, 'node']);
  assert.deepEqual([outer?.place, outer?.origin, outer?.children[0]?.origin], ['/app/a.js:10', 'user', 'dependency']);
});

test('what is heavy is summed over all places that call it, and a function that calls itself counts once', () => {
  const all = heaviest(readCallTree(PROFILE), 10);
  assert.deepEqual(
    all.map(({ name, selfMs, totalMs }) => [name, selfMs, totalMs]),
    [
      ['outer', 3, 6],
      ['inner', 3, 5],
      ['quick', 1, 1],
    ],
  );
});

test('frames of prefork are told from those of the user', () => {
  const nodes = [
    { id: 1, callFrame: frame('(root)'), children: [2] },
    { id: 2, callFrame: frame('push', 'file:///lib/prefork/dist/channel/link.js'), children: [3] },
    { id: 3, callFrame: frame('start', 'file:///lib/prefork/dist/worker/worker.js'), children: [4] },
    { id: 4, callFrame: frame('handle', 'file:///app/server.js') },
  ];
  const { calls } = readCallTree(JSON.stringify({ nodes, samples: [4], timeDeltas: [1000] }));
  assert.deepEqual(
    calls.map(({ origin }) => origin),
    ['none', 'prefork', 'prefork', 'user'],
  );
});

test('what is no profile is said in one line', () => {
  assert.throws(() => readCallTree('{"a":1}'), /^Error: found no nodes.* expected a \.cpuprofile$/);
});
