import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { operated, workerAt } from '../cli/operate.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';

const OBJECTS = 400_000;

test('a heap snapshot that takes more than twice --max-memory costs no task, and its worker is replaced in peace', async (t) => {
  const folder = await temporaryFolder(t, {});
  await using it = await operated(t, {
    entry: handler('hangs.ts'),
    args: ['--max', '1', '--spares', '0', '--max-memory', '200MB', '--deadline', '10m', '--log-level', 'debug'],
  });
  assert.equal((await get(`${it.server.url}/heap?size=${OBJECTS}`)).status, 200);
  // It computes for as long, and is at it when the snapshot begins and when it ends.
  const long = get(`${it.server.url}/for-a-while?size=6000`);
  await workerAt(it, '/for-a-while?size=6000');
  const [worker] = (await it.state()).workers;
  const file = join(folder, 'x.heapsnapshot');
  const { code, stderr } = await it.run('heap', `w${worker?.id}`, '-o', file);
  assert.equal(code, 0, stderr);
  assert.ok((await stat(file)).size > 10 * 1024 ** 2);
  const answer = await long;
  assert.equal(answer.status, 200, answer.text());
  await it.server.waitForLog((line) => line['event'] === 'worker:draining' && line['reason'] === 'memory', 30_000);
  assert.equal((await get(`${it.server.url}/hash?size=0`)).status, 200);
  const log = it.server.stderr().join('\n');
  assert.ok(!log.includes('worker:killing'), log);
  assert.ok(!log.includes('Warning'), log);
});
