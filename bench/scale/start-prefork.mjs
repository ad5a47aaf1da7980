/** A pool of prefork whose workers are all there. */
import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../prefork.mjs';

const LOOK_EVERY_MS = 20;

export async function startPrefork(isolation, workers) {
  const pool = createPool(new URL('work.mjs', import.meta.url), { isolation, min: workers, max: workers });
  await pool.ready;
  const areThere = ({ alive, starting }) => alive === workers && starting === 0;
  while (!areThere(pool.stats().workers)) await delay(LOOK_EVERY_MS);
  return (name, number) => pool.run(name, [number]);
}
