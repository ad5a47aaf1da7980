import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPool } from '../../src/pool/create-pool.ts';
import { moduleLog, SOURCES } from '../support/module-log.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { WorkerChild } from './child.ts';

/**
 * What a worker may load: its boot time and memory are the product. A raise here needs a reason, and a measurement (docs/decisions/0020-boot-of-a-worker.md, and 0026-rehearsals.md for 3 KB of it).
 * A process loads files that scripts/build-worker.mjs makes, a thread the modules themselves.
 */
const ALWAYS = ['entry.cjs', 'worker.cjs', 'both-threads.cjs', 'rolldown-runtime.cjs'];
const KILOBYTES = { requests: 84, calls: 112, watchdog: 42 };
const MOST_FILES_OF_A_THREAD = 26;
/** Of Node's own modules those that cost most, beside what Node itself boots with. */
const DEAR = ['child_process', 'crypto', 'http2', 'https', 'inspector', 'tls', 'zlib'];

const FOLDER = join(fileURLToPath(SOURCES), 'worker');
const FIXTURE = join(root, 'test', 'fixtures', 'modules', 'what-is-loaded.mjs');

interface Loaded {
  readonly files: readonly string[];
  readonly builtins: readonly string[];
}

interface Functions {
  loaded(): Loaded;
  one(): AsyncGenerator<number>;
}

/** Names in the folder of the worker; a file that is elsewhere shows as a path that leads out of it. */
const names = ({ files }: Loaded): string[] => files.map((file) => relative(FOLDER, file));

function kilobytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + readFileSync(join(FOLDER, file)).length, 0) / 1000;
}

function check({ builtins, ...rest }: Loaded, expected: readonly string[], mostKilobytes: number, dear = DEAR): void {
  const files = names({ builtins, ...rest });
  assert.deepEqual(files.toSorted(), expected.toSorted());
  assert.ok(kilobytes(files) <= mostKilobytes, `${kilobytes(files)} KB are loaded, at most ${mostKilobytes} are meant to be`);
  assert.deepEqual(
    dear.filter((name) => builtins.includes(`NativeModule ${name}`)),
    [],
  );
}

/** What a file made by scripts/build-worker.mjs loads at once, itself included. */
function needs(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  const code = readFileSync(join(FOLDER, file), 'utf8');
  for (const [, next = ''] of code.matchAll(/^const \w+ = require\("\.\/(.+?)"\);$/gm)) if (!seen.has(next)) needs(next, seen);
  return seen;
}

/** All modules that the given one imports, by loading it where it can not run: modules are loaded before the first of them runs. */
async function importedBy(t: TestContext, file: string): Promise<string[]> {
  const log = await moduleLog(t);
  const code = `import(${JSON.stringify(SOURCES + file)}).then(() => process.exit(1), () => process.exit(0))`;
  const { status } = spawnSync(process.execPath, [...log.execArgv, '--input-type=module', '--eval', code], {
    env: { ...process.env, ...log.env },
  });
  assert.equal(status, 0, `${file} was meant to fail outside of a thread, after its imports`);
  return log.read();
}

suite('a child loads', () => {
  test('no more than it needs, in the main thread of a worker for requests', async () => {
    await using child = new WorkerChild({ env: { SAY_LOADED: 'yes' } });
    child.boot(FIXTURE);
    await until(() => child.find('Ready'), { describe: () => `the worker to boot; stderr: ${child.stderr}`, withinMs: 30_000 });
    await until(() => child.stderr.endsWith('\n'), { describe: 'the handler to say what is loaded', withinMs: 10_000 });
    const loaded = JSON.parse(child.stderr) as Loaded;
    check(loaded, [...ALWAYS, 'request.cjs'], KILOBYTES.requests);
    assert.ok(loaded.builtins.includes('NativeModule http'));
  });

  test('no more than it needs for calls, and what streams need when a function streams', async (t) => {
    const pool = createPool<Functions>(FIXTURE, { max: 1 });
    t.after(() => pool.close({ force: true }));
    check(await pool.call.loaded(), [...ALWAYS, 'call.cjs', 'memory.cjs'], KILOBYTES.calls, [...DEAR, 'http']);
    for await (const n of pool.stream.one()) assert.equal(n, 1);
    assert.ok(names(await pool.call.loaded()).includes('call-streams.cjs'));
  });

  test('no more than it needs, in its watchdog', () => {
    const files = [...needs('watchdog.cjs')];
    assert.deepEqual(files.toSorted(), ['both-threads.cjs', 'rolldown-runtime.cjs', 'watchdog.cjs']);
    assert.ok(kilobytes(files) <= KILOBYTES.watchdog, `${kilobytes(files)} KB`);
  });

  test('its first file once, also where hooks of the user load modules', async (t) => {
    const log = await moduleLog(t);
    await using child = new WorkerChild({ execArgv: log.execArgv, env: { ...log.env, SAY_LOADED: 'yes' } });
    child.boot(FIXTURE);
    await until(() => child.find('Ready'), { describe: () => `the worker to boot; stderr: ${child.stderr}`, withinMs: 30_000 });
    const files = names(JSON.parse(child.stderr) as Loaded);
    assert.deepEqual(
      files.filter((file) => file === 'entry.cjs'),
      ['entry.cjs'],
    );
    assert.ok(log.read().includes('worker/entry.cjs'), 'it was meant to be loaded by the hooks');
  });

  test('no more than it needs, in a worker thread', async (t) => {
    const files = (await importedBy(t, 'worker/thread-entry.js')).filter((module) => !module.startsWith('node:'));
    const foreign = files.filter((file) => !/^(worker|channel)\/[^/]+$/.test(file));
    assert.deepEqual(foreign, [], 'a thread loads nothing but node: modules and files of worker/ and channel/');
    assert.ok(files.includes('worker/worker.js'));
    assert.ok(files.length <= MOST_FILES_OF_A_THREAD, `${files.length} files are loaded:\n${files.join('\n')}`);
  });
});
