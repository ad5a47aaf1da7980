import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawFrame } from '../../src/channel/observation.ts';
import { toStackFrames } from '../../src/diagnostics/frames.ts';

function frame(url: string, name = 'f'): RawFrame {
  return { function: name, url, line: 4, column: 2, mapped: false };
}

const OWN = '/opt/app/node_modules/prefork/dist/';

/** Url, the file that is shown, and whose code it is. */
const TABLE: readonly (readonly [url: string, file: string, origin: string])[] = [
  ['file:///srv/app/report.ts', '/srv/app/report.ts', 'user'],
  ['/srv/app/report.cts', '/srv/app/report.cts', 'user'],
  ['file:///srv/my%20app/report.ts', '/srv/my app/report.ts', 'user'],
  ['file:///srv/app/node_modules/express/index.js', '/srv/app/node_modules/express/index.js', 'dependency'],
  [
    '/srv/app/node_modules/.pnpm/koa@3/node_modules/koa/x.js',
    '/srv/app/node_modules/.pnpm/koa@3/node_modules/koa/x.js',
    'dependency',
  ],
  [`file://${OWN}worker/task.js`, `${OWN}worker/task.js`, 'prefork'],
  ['node:internal/timers', 'node:internal/timers', 'node'],
  ['evalmachine.<anonymous>', 'evalmachine.<anonymous>', 'user'],
  ['file://host.of.nobody/x.js', 'file://host.of.nobody/x.js', 'user'],
  ['data:text/javascript,for(;;);', 'data:text/javascript,for(;;);', 'user'],
];

for (const [url, file, origin] of TABLE) {
  test(`${url} is ${file}, of ${origin}`, () => {
    assert.deepEqual(toStackFrames([frame(url)], [], OWN), [{ function: 'f', file, line: 5, column: 3, origin }]);
  });
}

test('evaluated code is of whoever calls it, and of Node where nobody does', () => {
  const frames = toStackFrames(
    [frame(''), frame('/srv/a.js'), frame(''), frame('/srv/node_modules/b/b.js'), frame(''), frame('node:events'), frame('')],
    [],
    OWN,
  );
  assert.deepEqual(
    frames.map(({ origin }) => origin),
    ['user', 'user', 'dependency', 'dependency', 'node', 'node', 'node'],
  );
  assert.equal(frames[0]?.file, '(evaluated code)');
});

test('a place in the source takes that of the code, and code without a name is said to be so', () => {
  const place = { file: '/srv/src/a.ts', line: 70, column: 9 };
  assert.deepEqual(toStackFrames([frame('/srv/a.js', ''), frame('/srv/b.js')], [place], OWN), [
    { function: '(anonymous)', ...place, origin: 'user' },
    { function: 'f', file: '/srv/b.js', line: 5, column: 3, origin: 'user' },
  ]);
});
