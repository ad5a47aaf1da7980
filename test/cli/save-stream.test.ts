import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { refuseExisting, saveStream } from '../../src/cli/save-stream.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

const ours = (error: unknown): string => String((error as { code?: unknown }).code);

test('a whole stream becomes a file for its owner alone, and says how far it is', async (t) => {
  const folder = await temporaryFolder(t, {});
  const file = join(folder, 'heap');
  const told: number[] = [];
  const stream = Readable.from([Buffer.from('one'), Buffer.from('two')]);
  assert.equal(await saveStream(stream, file, false, (bytes) => told.push(bytes)), 6);
  assert.deepEqual(told, [3, 6]);
  assert.equal(readFileSync(file, 'utf8'), 'onetwo');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['heap']);
});

for (const force of [false, true]) {
  test(`a stream that breaks off leaves nothing of itself${force ? ', and the old file whole' : ''}`, async (t) => {
    const folder = await temporaryFolder(t, force ? { heap: 'old' } : {});
    const broken = Readable.from(
      (async function* broken() {
        yield Buffer.from('half');
        throw new Error('the worker is gone');
      })(),
    );
    await assert.rejects(
      saveStream(broken, join(folder, 'heap'), force, () => {}),
      (error: Error) => {
        assert.equal(ours(error), 'ERR_ADMIN');
        assert.match(error.message, /heap was not written: the worker is gone$/);
        return true;
      },
    );
    assert.deepEqual(readdirSync(folder), force ? ['heap'] : []);
    if (force) assert.equal(readFileSync(join(folder, 'heap'), 'utf8'), 'old');
  });
}

test('a file that is there is refused before anything is asked, unless it may be overwritten', async (t) => {
  const folder = await temporaryFolder(t, { heap: 'old' });
  const file = join(folder, 'heap');
  await assert.rejects(refuseExisting(file, false), (error) => ours(error) === 'ERR_BAD_OPTION');
  await refuseExisting(file, true);
  await refuseExisting(join(folder, 'other'), false);
  await saveStream(Readable.from([Buffer.from('new')]), file, true, () => {});
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder), ['heap']);
});

test('a file that was made meanwhile stays as it is', async (t) => {
  const folder = await temporaryFolder(t, {});
  const file = join(folder, 'heap');
  const stream = Readable.from([Buffer.from('mine')]);
  const saved = saveStream(stream, file, false, () => writeFileSync(file, 'yours'));
  await assert.rejects(saved, (error) => ours(error) === 'ERR_ADMIN');
  assert.equal(readFileSync(file, 'utf8'), 'yours');
  assert.deepEqual(readdirSync(folder), ['heap']);
});

test('a folder that there is not is said in one line', async (t) => {
  const folder = await temporaryFolder(t, {});
  const saved = saveStream(Readable.from([Buffer.from('x')]), join(folder, 'no', 'heap'), false, () => {});
  await assert.rejects(saved, /heap was not written: ENOENT/);
});
