import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { runCommand } from './run-command.ts';

/** Throws in the command's process, outside of any promise, as soon as the command has begun. */
const BUG = `process.on('newListener', (name) => {
  if (name === 'uncaughtException') setImmediate(() => { throw new Error('two\\nlines'); });
});`;

for (const flags of [[], ['--dev']]) {
  test(
    `a bug ends the command with 1 and one line, its stack ${flags.length === 0 ? 'hidden' : 'below'}`,
    { timeout: 60_000 },
    async (t) => {
      const folder = await temporaryFolder(t, { 'app.mjs': 'export default () => new Response("hello");' });
      const { code, stdout, stderr } = await runCommand(['serve', join(folder, 'app.mjs'), '--port', '0', ...flags], {
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(BUG)}`,
      });
      assert.deepEqual([code, stdout], [1, '']);
      if (flags.length === 0) assert.equal(stderr, 'prefork: two lines (unexpected, --dev shows where)\n');
      else assert.match(stderr, /^prefork: two lines \(unexpected\)\nError: two\nlines\n {4}at /);
    },
  );
}
