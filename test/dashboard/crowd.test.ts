/** Two hundred workers whose states and figures change all the time: each has its tile, and the page never stands still. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { State, WorkerInfo } from '../../src/admin/api.ts';
import { DashboardFiles } from '../../src/admin/dashboard-files.ts';
import { Guard } from '../../src/admin/guard.ts';
import { listenOnPort } from '../../src/admin/listen-port.ts';
import { AdminServer } from '../../src/admin/server.ts';
import { SmallControlled } from '../admin/small-controlled.ts';
import { startBrowser } from '../support/browser.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

const WORKERS = 200;
/** A frame that takes so long is a page that hangs; on a machine that draws without a GPU, beside other tests. */
const HANGS_MS = 1000;
/** What others do on the machine may hold one round up; a page that hangs does so in all of them. */
const ROUNDS = 3;
const FRAMES = 20;

class Crowd extends SmallControlled {
  #turn = 0;

  override state(): State {
    this.#turn += 1;
    return { ...super.state(), workers: Array.from({ length: WORKERS }, (_, index) => this.#worker(index + 1)) };
  }

  #worker(id: number): WorkerInfo {
    const isBusy = (id + this.#turn) % 3 > 0;
    const task = {
      id: id + this.#turn,
      method: 'GET',
      url: `/${this.#turn}/${id}`,
      startedAt: '2026-01-02T03:04:05.000Z',
      runMs: this.#turn,
    };
    return {
      id,
      pid: 5000 + id,
      kind: 'process',
      state: isBusy ? 'busy' : 'idle',
      lane: isBusy ? (id % 5 === 0 ? 'long' : 'short') : null,
      served: this.#turn,
      startedAt: '2026-01-02T03:04:05.000Z',
      bootMs: 120,
      rssBytes: (60 + ((id * this.#turn) % 40)) * 2 ** 20,
      cpuPercent: (id * this.#turn) % 100,
      eventLoopDelayMs: 1,
      health: 'alive',
      generation: 1,
      task: isBusy ? task : null,
      running: isBusy ? 1 : 0,
    };
  }
}

/** Notes the longest time between two frames, and how many there were. */
const WATCH_FRAMES = `
  const frames = { count: 0, longestMs: 0 };
  globalThis.frames = frames;
  let last = performance.now();
  const next = (now) => {
    frames.count += 1;
    frames.longestMs = Math.max(frames.longestMs, now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);`;

test('two hundred workers that change all the time are shown, and the page stays smooth', { timeout: 120_000 }, async (t) => {
  const crowd = new Crowd();
  const admin = new AdminServer(crowd, {}, new DashboardFiles(pathToFileURL(join(root, 'dist', 'dashboard', '/'))));
  t.after(() => admin.close());
  const guard = new Guard();
  const port = await listenOnPort(admin.create(guard), 0);
  guard.setPort(port);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page
    .locator('.tile')
    .nth(WORKERS - 1)
    .waitFor();
  assert.equal(await page.locator('.tile').count(), WORKERS);
  const tile = page.locator('.tile').first();
  const first = await tile.innerText();
  let longestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && longestMs >= HANGS_MS; round += 1) {
    const { states } = crowd;
    await page.evaluate(WATCH_FRAMES);
    await until(() => crowd.states >= states + 5, { describe: 'five more states to be told', withinMs: 60_000 });
    const frames = await until(
      async () => {
        const seen = await page.evaluate<{ count: number; longestMs: number }>('globalThis.frames');
        return seen.count > FRAMES && seen;
      },
      { describe: `${FRAMES} frames`, withinMs: 60_000 },
    );
    ({ longestMs } = frames);
    t.diagnostic(`${frames.count} frames, the longest took ${Math.round(longestMs)} ms`);
  }
  await until(async () => (await tile.innerText()) !== first, { describe: 'the tiles to change' });
  assert.ok(longestMs < HANGS_MS, `a frame took ${longestMs} ms, in each of ${ROUNDS} rounds`);
});
