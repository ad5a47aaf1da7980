import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { prepareEntry } from '../../src/compile/prepare.ts';
import { createProject } from './project.ts';
import { load, prepareAndLoad } from './run-fixture.ts';

test('plain JavaScript needs no compiler and leaves no cache', async (t) => {
  const project = await createProject(t, {
    'app.js': "import { one } from './lib/one.js';\nexport default () => one;",
    'lib/one.js': 'export const one = 1;',
    'lib/unused.ts': 'export const x: number = 1;',
  });
  const prepared = await prepareEntry(project.path('app.js'), { cacheDir: project.cacheDir });
  const { manifest, files, compiled } = prepared;
  assert.deepEqual([manifest, files, compiled], [null, [project.path('app.js'), project.path('lib/one.js')], 0]);
  assert.equal(await prepared.freeze(), null, 'what has not changed need not be kept');
  assert.equal(existsSync(project.cacheDir), false);
  assert.equal(await load(prepared.manifest, project.path('app.js')), 1);
});

test('an ES module in TypeScript: types, enums, namespaces, parameter properties, satisfies', async (t) => {
  const project = await createProject(t, {
    'app.ts': `import { type Shape, area } from './shape.ts';
import type { Unused } from './types-only.ts';
enum Color { Red, Green = 'g' }
const enum Size { Small = 3 }
namespace Tools { export const twice = (n: number): number => n * 2; }
class Point { constructor(readonly x: number, private readonly y = 2) {} sum(): number { return this.x + this.y; } }
export default function run<T extends object>(): unknown {
  const shape = { side: 3 } satisfies Shape;
  const none: Unused | undefined = undefined;
  return [area(shape)!, Color[0], Color.Green, Size.Small, Tools.twice(4), new Point(1).sum(), none ?? (null as T | null)];
}`,
    'shape.ts': 'export interface Shape { side: number }\nexport const area = ({ side }: Shape): number => side ** 2;',
    'types-only.ts': 'export interface Unused { a: string }',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), [9, 'Red', 'g', 3, 8, 3, null]);
});

test('imports that only types use are left out, whether marked as such or not', async (t) => {
  const project = await createProject(t, {
    'app.ts': "import { Shape } from './shape.ts';\nexport default (): Shape => ({ side: 1 });",
    'shape.ts': 'throw new Error("loaded");\nexport interface Shape { side: number }',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), { side: 1 });
});

test('TypeScript of CommonJS: import = require, export =, __dirname, named imports from outside', async (t) => {
  const project = await createProject(t, {
    'package.json': '{ "type": "commonjs" }',
    'app.mts': "import lib, { name } from './lib.cts';\nexport default () => ({ ...lib.all(), name });",
    'lib.cts': `'use strict';
import path = require('node:path');
const helper = require('./helper') as { one: number };
const all = (): object => ({ file: path.basename(__filename), folder: __dirname, own: module.filename, one: helper.one });
exports.all = all;
exports.name = 'lib' as string;
exports.strict = (function (this: unknown) { return this === undefined; })();`,
    'helper.ts': 'const one: number = 1;\nmodule.exports = { one };',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.mts'), {
    file: 'lib.cts',
    folder: project.folder,
    own: project.path('lib.cts'),
    one: 1,
    name: 'lib',
  });
});

test('a CommonJS entry with export = keeps its directive and its exports', async (t) => {
  const project = await createProject(t, {
    'package.json': '{}',
    'app.ts':
      "'use strict';\nimport os = require('node:os');\nfunction strict(this: unknown) { return this === undefined; }\nexport = () => [typeof os.cpus, strict()];",
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['function', true]);
});

test('import syntax in a CommonJS package works, and so do the names of CommonJS there', async (t) => {
  const project = await createProject(t, {
    'package.json': '{ "type": "commonjs" }',
    'app.ts':
      "import { basename } from 'node:path';\nimport { two } from './two';\nexport default () => [basename(__filename), require('./three.cjs'), two];",
    'two.ts': 'export const two: number = 2;',
    'three.cjs': 'module.exports = 3;',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['app.ts', 3, 2]);
});

test('TSX with the runtime that tsconfig.json names', async (t) => {
  const project = await createProject(t, {
    'package.json': '{ "type": "module", "imports": { "#jsx/jsx-runtime": "./jsx.ts" } }',
    'tsconfig.json': '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "#jsx" } }',
    'jsx.ts':
      'export const jsx = (tag: string, props: object) => ({ tag, ...props });\nexport const jsxs = jsx;\nexport const Fragment = "fragment";',
    'app.tsx': 'const name: string = "you";\nexport default () => <p class="a">\n  hi {name}\n</p>;',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.tsx'), { tag: 'p', class: 'a', children: ['hi ', 'you'] });
});

test('classic JSX in a .jsx file', async (t) => {
  const project = await createProject(t, {
    'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "jsxFragmentFactory": "F" } }',
    'app.jsx':
      'const h = (tag, props, ...children) => ({ tag, props, children });\nconst F = "f";\nexport default () => <><b x={1}>t</b></>;',
  });
  const b = { tag: 'b', props: { x: 1 }, children: ['t'] };
  assert.deepEqual(await prepareAndLoad(project, 'app.jsx'), { tag: 'f', props: null, children: [b] });
});

test('decorators of TypeScript with their metadata, and fields without initialiser', async (t) => {
  const project = await createProject(t, {
    'tsconfig.json': JSON.stringify({
      compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true, useDefineForClassFields: false },
    }),
    'app.ts': `const seen: string[] = [];
const mark = (_target: object, name: string): void => void seen.push(name);
class Base { constructor() { Object.assign(this, { kept: 1 }); } }
class Item extends Base { @mark kept?: number; @mark run(): void {} }
export default () => [seen, new Item().kept];`,
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), [['kept', 'run'], 1]);
});

test('using declarations run on every Node', async (t) => {
  const project = await createProject(t, {
    'app.ts': `export default async () => {
  const log: string[] = [];
  {
    await using one = { [Symbol.asyncDispose]: async () => void log.push('disposed') };
    log.push(typeof one);
  }
  return log;
};`,
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['object', 'disposed']);
});

test('paths of tsconfig.json, also inherited ones', async (t) => {
  const project = await createProject(t, {
    'tsconfig.base.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"], "config": ["./settings.ts"] } } }',
    'tsconfig.json': '{ // a comment\n "extends": "./tsconfig.base.json" }',
    'app.ts': "import { one } from '@lib/one';\nimport { port } from 'config';\nexport default () => [one, port];",
    'lib/one.ts': 'export const one: number = 1;',
    'settings.ts': 'export const port: number = 80;',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), [1, 80]);
});

test('./x.js means ./x.ts; extensions and index may be left out; JSON needs no attribute', async (t) => {
  const project = await createProject(t, {
    'app.ts': `import { a } from './a.js';
import { b } from './b';
import { c } from './c';
import { d } from './d.mjs';
import data from './data.json';
import { e } from './e.js';
export default () => [a, b, c, d, data.k, e];`,
    'a.ts': "export const a: string = 'a';",
    'b.tsx': "export const b: string = 'b';",
    'c/index.ts': "export const c: string = 'c';",
    'd.mts': "export const d: string = 'd';",
    'e.js': "export const e = 'e';",
    'data.json': '{ "k": "json" }',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['a', 'b', 'c', 'd', 'json', 'e']);
});

test('packages are those that Node would choose for the source, in one instance', async (t) => {
  const project = await createProject(t, {
    'app.ts':
      "import { kind, count } from 'dual';\nimport plain from './plain.js';\nexport default () => [kind, count() + plain() + count()];",
    'plain.js': "import { count } from 'dual';\nexport default count;",
    'node_modules/dual/package.json': JSON.stringify({
      name: 'dual',
      exports: { import: './index.mjs', require: './index.cjs' },
    }),
    'node_modules/dual/index.mjs': "let n = 0;\nexport const kind = 'import';\nexport const count = () => (n += 1);",
    'node_modules/dual/index.cjs': "exports.kind = 'require';",
    'node_modules/dual/index.ts': 'a package may publish its sources beside what runs',
  });
  assert.deepEqual(await prepareAndLoad(project, 'app.ts'), ['import', 6]);
});

test('a JavaScript entry that leads to TypeScript is prepared too, and stays one instance with it', async (t) => {
  const project = await createProject(t, {
    'app.js':
      "#!/usr/bin/env node\nimport { run } from './middle.js';\nexport const state = { n: 1 };\nexport default () => run(import.meta.url);",
    'middle.js': "import { typed } from './typed.ts';\nexport const run = (url) => [url, typed()];",
    'typed.ts': "import { state } from './app.js';\nexport const typed = (): number => (state.n += 1);",
  });
  const url = pathToFileURL(project.path('app.js')).href;
  assert.deepEqual(await prepareAndLoad(project, 'app.js'), [url, 2]);
});

test('import.meta is that of the source, through a link as well', async (t) => {
  const project = await createProject(t, {
    'real/app.ts': `import { readFileSync } from 'node:fs';
export default () => [import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve('./data.txt'),
  readFileSync(new URL('./data.txt', import.meta.url), 'utf8')];`,
    'real/data.txt': 'text',
  });
  await symlink(project.path('real/app.ts'), project.path('linked.ts'));
  const path = project.path('real/app.ts');
  assert.deepEqual(await prepareAndLoad(project, 'linked.ts'), [
    pathToFileURL(path).href,
    path,
    project.path('real'),
    pathToFileURL(project.path('real/data.txt')).href,
    'text',
  ]);
});

test('files for watching: sources, JSON and tsconfig.json, nothing of packages', async (t) => {
  const project = await createProject(t, {
    'tsconfig.json': '{}',
    'app.ts': "import './data.json';\nimport './lib.js';\nimport 'pack';\nexport default () => 1;",
    'lib.ts': 'export {};',
    'data.json': '{}',
    'node_modules/pack/package.json': '{ "name": "pack", "main": "index.js" }',
    'node_modules/pack/index.js': '',
  });
  const { files } = await prepareEntry(project.path('app.ts'), { cacheDir: project.cacheDir });
  assert.deepEqual(
    files,
    ['app.ts', 'data.json', 'lib.ts', 'tsconfig.json'].map((name) => project.path(name)),
  );
});

test('folders and files may have any name', async (t) => {
  const project = await createProject(t, {
    "a b'#%?/ü.ts": `import { c } from './c d.cjs';
import { e } from './e%23.ts?again';
export default () => [import.meta.url, c, e, new Error('x').stack?.split('\\n')[1]];`,
    "a b'#%?/c d.cts": 'exports.c = __filename as string;',
    "a b'#%?/e#.ts": 'export const e: string = import.meta.url;',
  });
  const folder = pathToFileURL(project.path("a b'#%?")).href;
  const entry = `${folder}/%C3%BC.ts`;
  const found = (await prepareAndLoad(project, "a b'#%?/ü.ts")) as string[];
  assert.deepEqual(found.slice(0, 3), [entry, project.path("a b'#%?/c d.cts"), `${folder}/e%23.ts`]);
  assert.ok(found[3]?.includes(`${entry}:3:`), found[3]);
});
