import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createPool } from '../../src/pool/create-pool.ts';
import type { StreamFunctions } from '../pool/streams.ts';
import { fixture } from '../pool/pools.ts';
import { moduleLog, SOURCES } from '../support/module-log.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { WorkerChild } from './child.ts';

/**
 * What a worker may load: its boot time and memory are the product. A raise here needs a reason, and a measurement. The last ones: holding the
 * servers of programs that listen by themselves, 2 ms of CPU time; and for a thread its journal (docs/decisions/0017-brief-calls.md).
 */
const MOST_FILES = { entry: 26, watchdog: 13, thread: 25 };

/** Fails unless all of it is Node's own or of the two rooms of a child, and no more than `mostFiles` files. */
function check(modules: readonly string[], mostFiles: number): void {
  const files = modules.filter((module) => !module.startsWith('node:'));
  const foreign = files.filter((file) => !/^(worker|channel)\/[^/]+$/.test(file));
  assert.deepEqual(foreign, [], 'a child loads nothing but node: modules and files of worker/ and channel/');
  assert.ok(
    files.length <= mostFiles,
    `${files.length} files are loaded, at most ${mostFiles} are meant to be:\n${files.join('\n')}`,
  );
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
  test('no more than it needs, in the main thread of a worker that has booted', async (t) => {
    const log = await moduleLog(t);
    await using child = new WorkerChild(log);
    const entry = handler('node-echo.mjs');
    child.boot(entry);
    await until(() => child.find('Ready'), { describe: () => `the worker to boot; stderr: ${child.stderr}`, withinMs: 30_000 });
    const loaded = log.read();
    assert.ok(loaded.includes('worker/entry.js') && loaded.includes('channel/link.js'), loaded.join('\n'));
    check(
      loaded.filter((module) => module !== pathToFileURL(entry).href),
      MOST_FILES.entry,
    );
  });

  test('what streams need when a function streams, and not before', async (t) => {
    const log = await moduleLog(t);
    const { execArgv, env } = log;
    const pool = createPool<StreamFunctions>(fixture('streams.mjs'), { max: 1, execArgv, env });
    t.after(() => pool.close({ force: true }));
    const ofStreams = (): string[] => log.read().filter((module) => /^(worker|channel)\/.*(stream|revive|readable)/.test(module));
    await pool.call.add(1, 1);
    assert.deepEqual(ofStreams(), []);
    for await (const n of pool.stream.upTo(1)) assert.equal(n, 1);
    assert.ok(ofStreams().includes('worker/call-streams.js'), ofStreams().join('\n'));
  });

  test('no more than it needs, in its watchdog', async (t) => {
    const loaded = await importedBy(t, 'worker/watchdog.js');
    assert.ok(loaded.includes('worker/pulse.js'));
    check(loaded, MOST_FILES.watchdog);
  });

  test('no more than it needs, in a worker thread', async (t) => {
    const loaded = await importedBy(t, 'worker/thread-entry.js');
    assert.ok(loaded.includes('worker/worker.js'));
    check(loaded, MOST_FILES.thread);
  });
});
