import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { root } from '../support/paths.ts';
import { runCommand } from './run-command.ts';

const LOG_MODULES = pathToFileURL(join(root, 'test', 'fixtures', 'modules', 'log-modules.mjs')).href;

for (const words of [['ps'], ['status'], ['trace', '1'], ['incidents'], ['reload']]) {
  test(`prefork ${words.join(' ')} loads what it needs, and nothing of what serve needs`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t, { modules: '' });
    const log = join(folder, 'modules');
    const { code } = await runCommand(words, {
      NODE_OPTIONS: `--import ${LOG_MODULES}`,
      MODULE_LOG: log,
      XDG_RUNTIME_DIR: folder,
    });
    assert.equal(code, 6);
    const loaded = readFileSync(log, 'utf8').split('\n');
    assert.ok(loaded.some((url) => url.endsWith('/src/admin/find-server.js')));
    const needless = loaded.filter((url) =>
      /\/src\/(?!admin\/|cli\/|config\/(?:nearest|show-value|version)|errors\/|text\/)|\/src\/cli\/serve|\/valibot\/|\/pino/.test(
        url,
      ),
    );
    assert.deepEqual(needless, []);
    // Each costs about a millisecond of somebody's patience.
    assert.ok(loaded.filter((url) => url.includes('/src/')).length <= 30, loaded.join('\n'));
  });
}
