import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { encode } from '@jridgewell/sourcemap-codec';
import { mapCpuProfile } from '../../src/diagnostics/map-cpu-profile.ts';
import { SourceMaps } from '../../src/diagnostics/read-source-map.ts';
import { findSources } from '../../src/diagnostics/source-maps.ts';
import { takeProfile } from '../../src/diagnostics/take-profile.ts';
import { takeStack } from '../../src/diagnostics/take-stack.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { until } from '../support/until.ts';
import { LiveWorker } from './live-worker.ts';

/** What a bundler makes of `src/loop.ts`: each line ten lines lower, and two columns to the right. */
const CODE = [
  'export default { fetch: (request) => new Response(String(f())) };',
  'function f() {',
  '  return g(1);',
  '}',
  'function g(n) {',
  '  while (n !== 0) n = ((n * 31) % 1000003) + 1;',
  '  return n;',
  '}',
];
const SHIFT = { lines: 10, columns: 2 };

function mapOf(source: string, sourceRoot?: string): string {
  const mappings = encode(
    CODE.map((line, index) => Array.from(line, (_, column) => [column, 0, index + SHIFT.lines, column + SHIFT.columns])),
  );
  return JSON.stringify({
    version: 3,
    sources: [source],
    names: [],
    mappings,
    ...(sourceRoot === undefined ? {} : { sourceRoot }),
  });
}

interface Bundle {
  readonly code: string;
  readonly source: string;
}

async function bundle(t: TestContext, reference: (source: string, map: string) => string): Promise<Bundle> {
  const folder = await temporaryFolder(t, {});
  await mkdir(join(folder, 'out'));
  const code = join(folder, 'out', 'bundle.mjs');
  await writeFile(`${code}.map`, mapOf('../src/loop.ts'));
  await writeFile(code, `${CODE.join('\n')}\n${reference('../src/loop.ts', mapOf('../src/loop.ts'))}\n`);
  return { code, source: join(folder, 'src', 'loop.ts') };
}

const EXTERNAL = (): string => '//# sourceMappingURL=bundle.mjs.map';
const INLINE = (_: string, map: string): string =>
  `//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(map).toString('base64')}`;

suite('a handler that was bundled', () => {
  for (const [kind, reference] of Object.entries({ external: EXTERNAL, inline: INLINE })) {
    test(`is shown as its source, through its ${kind} map: in stacks and in profiles`, async (t) => {
      const { code, source } = await bundle(t, reference);
      await using live = await LiveWorker.start('pool', code);
      live.begin('/');
      const report = await until(
        async () => {
          const taken = await takeStack(live.worker, new AbortController().signal);
          // What leads to the loop computes too.
          return taken.verdict === 'computing' && taken.frames[0]?.function === 'g' && taken;
        },
        { describe: 'the loop to be found', withinMs: 60_000 },
      );
      const [first, second] = report.frames;
      assert.deepEqual([first?.function, first?.file, first?.line], ['g', source, 6 + SHIFT.lines]);
      assert.deepEqual(
        [second?.function, second?.file, second?.line, second?.column],
        ['f', source, 3 + SHIFT.lines, 10 + SHIFT.columns],
      );
      const profile = await takeProfile(live.worker, 200, new AbortController().signal);
      assert.ok(profile.includes(JSON.stringify(pathToFileURL(source).href)), 'the profile names the source');
    });
  }
});

suite('a source map', () => {
  test('that is broken, missing, elsewhere or a pipe leaves the code as it is', async (t) => {
    const maps = new SourceMaps();
    for (const reference of ['data:application/json,{', 'gone.map', 'https://example.org/x.map', '/dev/zero', '..']) {
      const { code } = await bundle(t, () => `//# sourceMappingURL=${reference}`);
      assert.equal(maps.find({ url: pathToFileURL(code).href, line: 5, column: 2 }), undefined, reference);
    }
    assert.equal(maps.find({ url: 'file:///nobody/has/this.js', line: 1, column: 1 }), undefined);
    assert.equal(maps.find({ url: 'node:fs', line: 1, column: 1 }), undefined);
    assert.equal(maps.find({ url: '', line: 1, column: 1 }), undefined);
  });

  test('is read again when its code was built anew', async (t) => {
    const { code, source } = await bundle(t, EXTERNAL);
    const maps = new SourceMaps();
    const place = { url: pathToFileURL(code).href, line: 5, column: 2 };
    assert.equal(maps.find(place)?.file, source);
    await writeFile(`${code}.map`, mapOf('../src/renamed.ts'));
    await writeFile(code, `${CODE.join('\n')}\n\n${EXTERNAL()}\n`);
    assert.match(maps.find(place)?.file ?? '', /renamed\.ts$/);
  });

  test('with a root, or of a bundler with addresses of its own', async (t) => {
    const { code } = await bundle(t, EXTERNAL);
    const place = { url: pathToFileURL(code).href, line: 0, column: 0 };
    await writeFile(`${code}.map`, mapOf('loop.ts', '/srv/app/src'));
    assert.equal(new SourceMaps().find(place)?.file, '/srv/app/src/loop.ts');
    await writeFile(`${code}.map`, mapOf('webpack://app/./src/loop.ts'));
    assert.match(new SourceMaps().find(place)?.file ?? '', /^webpack:\/\/app\/.*src\/loop\.ts$/);
  });

  test('is asked about frames that have one, in their places', async (t) => {
    const { code, source } = await bundle(t, EXTERNAL);
    const frame = { function: 'f', url: pathToFileURL(code).href, line: 2, column: 2, mapped: true };
    const found = await findSources([{ ...frame, mapped: false }, frame, { ...frame, url: 'file:///gone.js' }]);
    assert.deepEqual([found[0], found[1], found[2]], [undefined, { file: source, line: 13, column: 5 }, undefined]);
  });
});

test('a profile keeps its ticks where only the name changes, and loses them where lines do', () => {
  const callFrame = (url: string) => ({ functionName: 'f', url, lineNumber: 1, columnNumber: 2 });
  const positionTicks = [{ line: 2, ticks: 9 }];
  const json = JSON.stringify({
    nodes: [
      { id: 1, callFrame: callFrame('/cache/0-a.mjs'), positionTicks },
      { id: 2, callFrame: callFrame('/out/b.js'), positionTicks },
      { id: 3, callFrame: callFrame('node:fs'), positionTicks },
    ],
    samples: [1],
  });
  const mapped = mapCpuProfile(json, {
    find: ({ url }) => (url === '/out/b.js' ? { file: '/src/b.ts', line: 8, column: 1 } : undefined),
    nameOf: (url) => (url === '/cache/0-a.mjs' ? '/src/a.ts' : undefined),
  });
  assert.deepEqual(JSON.parse(mapped), {
    nodes: [
      { id: 1, callFrame: callFrame('file:///src/a.ts'), positionTicks },
      { id: 2, callFrame: { functionName: 'f', url: 'file:///src/b.ts', lineNumber: 7, columnNumber: 0 } },
      { id: 3, callFrame: callFrame('node:fs'), positionTicks },
    ],
    samples: [1],
  });
  const untouched = JSON.stringify({ nodes: [{ id: 1, callFrame: callFrame('node:fs') }] });
  assert.equal(mapCpuProfile(untouched, { find: () => undefined, nameOf: () => undefined }), untouched);
});
