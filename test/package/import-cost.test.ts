/** What a program pays for an import, as counts that are the same on every machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { moduleLog, SOURCES } from '../support/module-log.ts';

/** A raise here needs a reason: 100 modules are some 30 ms of a program's start. The bytes are those of compiled files, with their comments. */
const IMPORTS = [
  { name: 'prefork', file: 'index.js', mostFiles: 196, mostKilobytes: 825, packages: ['valibot'] },
  { name: 'prefork/worker', file: 'worker/api.js', mostFiles: 9, mostKilobytes: 40, packages: [] },
];

/** Rooms and modules that a program needs when it starts a server, runs a command or compiles, and not before. */
const LATER = /^(admin|cli|lab|telemetry|server\/serve\.js|compile\/compile-|node:(cluster|http2|https|tls)$)/;

suite('an import loads no more than it needs', { timeout: 60_000 }, () => {
  for (const { name, file, mostFiles, mostKilobytes, packages } of IMPORTS)
    test(name, async (t) => {
      const log = await moduleLog(t);
      const code = `await import(${JSON.stringify(SOURCES + file)})`;
      const { status, stderr } = spawnSync(process.execPath, [...log.execArgv, '--input-type=module', '--eval', code], {
        env: { ...process.env, ...log.env },
      });
      assert.equal(status, 0, stderr.toString());
      const loaded = log.read();
      assert.ok(loaded.includes(file), loaded.join('\n'));
      assert.deepEqual(
        loaded.filter((module) => LATER.test(module)),
        [],
        'some is meant to be loaded when it is used',
      );
      const foreign = loaded.filter((module) => module.startsWith('file:'));
      assert.deepEqual(
        foreign.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]),
        packages,
      );
      const own = loaded.filter((module) => !/^(file|node):/.test(module));
      const files = [...own.map((path) => SOURCES + path), ...foreign];
      const kilobytes = Math.ceil(files.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0) / 1024);
      t.diagnostic(`${files.length} files, ${kilobytes} KB`);
      assert.ok(files.length <= mostFiles, `${files.length} files are loaded, at most ${mostFiles} are meant to be`);
      assert.ok(kilobytes <= mostKilobytes, `${kilobytes} KB are loaded, at most ${mostKilobytes} are meant to be`);
    });
});
