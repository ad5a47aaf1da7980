/**
 * One pool: `node run-one.mjs FILE TRIES`. Begins a loop that never ends, aborts it, and looks every millisecond whether the thread that it held
 * is gone or sleeps. Prints the times as JSON, null for one that still computed after 5 s. After each the pool has to do a task rightly.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const LIMIT_MS = 5000;
/** Tries begin for so long. */
const ENOUGH_MS = 5000;
const CALM = 3;
const [file, tries] = process.argv.slice(2);
const { start } = await import(file);
const pool = await start();
const folder = mkdtempSync(join(tmpdir(), 'bench-cancel-'));
const timesMs = [];

function computes(thread) {
  try {
    const stat = readFileSync(`/proc/${thread}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] === 'R';
  } catch {
    return false;
  }
}

/** From now to the first of some looks in a row at which it does not compute. */
async function untilCalm(thread) {
  const sinceMs = performance.now();
  let calm = 0;
  let calmSinceMs = 0;
  for (;;) {
    const nowMs = performance.now();
    if (computes(thread)) calm = 0;
    else {
      if (calm === 0) calmSinceMs = nowMs;
      calm += 1;
      if (calm === CALM) return calmSinceMs - sinceMs;
    }
    if (nowMs - sinceMs > LIMIT_MS) return null;
    await wait(1);
  }
}

for (let index = 0; index < Number(tries) && performance.now() < ENOUGH_MS; index += 1) {
  const path = join(folder, String(index));
  const call = pool.begin('spin', path);
  const ended = call.promise.then(
    () => 'fulfilled',
    () => 'rejected',
  );
  while (!existsSync(path)) await wait(5);
  const thread = readFileSync(path, 'latin1');
  // It is in its loop.
  await wait(30);
  call.abort();
  const timeMs = await untilCalm(thread);
  timesMs.push(timeMs);
  if (timeMs === null) break;
  if ((await ended) !== 'rejected') throw new Error('the aborted call was fulfilled');
  const result = await pool.begin('next', index).promise;
  if (result !== index + 1) throw new Error(`the task after the abort has a wrong result: ${result}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(timesMs));
process.exit(0);
