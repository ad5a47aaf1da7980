import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Incident } from '../../src/diagnostics/incident.ts';
import { IncidentFiles } from '../../src/diagnostics/incident-files.ts';
import { IncidentLog } from '../../src/diagnostics/incident-log.ts';
import { IncidentRecorder } from '../../src/diagnostics/incident-recorder.ts';
import { taskSubject } from './subjects.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'prefork-incidents-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function incidents(count: number): Incident[] {
  const log = new IncidentLog();
  const recorder = new IncidentRecorder(log, 'pool');
  for (let task = 0; task < count; task += 1) recorder.slow(taskSubject({ task, route: String(task % 10) }));
  // Each a millisecond later than the one before.
  return log
    .list()
    .toReversed()
    .map((incident, index) => Object.assign({}, incident, { at: new Date(index).toISOString() }));
}

function read(folder: string): Incident[] {
  return readdirSync(folder)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Incident);
}

const noTrouble = (message: string): never => assert.fail(message);

test('each incident is a file that its owner alone can read, and the last state of it counts', async (t) => {
  const folder = path.join(newFolder(t), 'made', 'at need');
  const files = new IncidentFiles(folder, noTrouble);
  const [first, second] = incidents(2);
  assert.ok(first && second);
  files.write(first);
  files.write(second);
  files.write({ ...first, kind: 'deadline' });
  await files.flush();
  assert.deepEqual(read(folder), [{ ...first, kind: 'deadline' }, second]);
  for (const name of readdirSync(folder)) assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600);
  files.write({ ...second, kind: 'crash' });
  await files.flush();
  assert.deepEqual(
    read(folder).map(({ kind }) => kind),
    ['deadline', 'crash'],
  );
});

test('the oldest files go first, those of an earlier server too, by number and by size', async (t) => {
  const folder = newFolder(t);
  const [a, b, c, d] = incidents(4);
  assert.ok(a && b && c && d);
  const earlier = new IncidentFiles(folder, noTrouble);
  earlier.write(a);
  earlier.write(b);
  await earlier.flush();
  const files = new IncidentFiles(folder, noTrouble, { files: 3, bytes: 1e9 });
  files.write(c);
  files.write(d);
  await files.flush();
  assert.deepEqual(
    read(folder).map(({ id }) => id),
    [b.id, c.id, d.id],
  );
  const small = new IncidentFiles(folder, noTrouble, { files: 3, bytes: 1 });
  small.write(a);
  await small.flush();
  assert.deepEqual(readdirSync(folder), []);
});

test('what a crash left half is cleared away, and nothing that is not ours', async (t) => {
  const folder = newFolder(t);
  const half = path.join(folder, '.incident-19700101T000000000Z-abcdefghijkl.json.tmp');
  const fresh = path.join(folder, '.incident-19700101T000000001Z-abcdefghijkl.json.tmp');
  for (const name of [half, fresh, path.join(folder, 'notes.json')]) writeFileSync(name, '{"ha');
  utimesSync(half, 0, 0);
  const files = new IncidentFiles(folder, noTrouble, { files: 1, bytes: 1e9 });
  const [first, second] = incidents(2);
  assert.ok(first && second);
  files.write(first);
  files.write(second);
  await files.flush();
  assert.ok(!existsSync(half));
  // Another server may be about to finish it.
  assert.ok(existsSync(fresh));
  assert.ok(existsSync(path.join(folder, 'notes.json')));
  assert.equal(readdirSync(folder).length, 3);
});

test('a folder that can not be written is told once, and again when it was mended in between', async (t) => {
  const folder = path.join(newFolder(t), 'file');
  writeFileSync(folder, '');
  const troubles: string[] = [];
  const files = new IncidentFiles(folder, (message) => troubles.push(message));
  const [first, second, third] = incidents(3);
  assert.ok(first && second && third);
  files.write(first);
  files.write(second);
  await files.flush();
  assert.equal(troubles.length, 1);
  assert.match(String(troubles[0]), /^incidents are not written to .*file: .*EEXIST/);
  rmSync(folder);
  files.write(third);
  await files.flush();
  assert.deepEqual(
    read(folder).map(({ id }) => id),
    [third.id],
  );
  rmSync(folder, { recursive: true });
  files.write(first);
  await files.flush();
  assert.equal(troubles.length, 2);
});

test('a disk that does not follow costs incidents, not memory', async (t) => {
  const folder = newFolder(t);
  const troubles: string[] = [];
  const files = new IncidentFiles(folder, (message) => troubles.push(message));
  for (const incident of incidents(150)) files.write(incident);
  await files.flush();
  assert.ok(readdirSync(folder).length <= 101);
  assert.match(String(troubles[0]), /more than 100 wait to be written/);
});
