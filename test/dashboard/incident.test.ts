/** An incident on its page: the user's own frames first, and nothing in it ever an element. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incidents } from '../../src/admin/api.ts';
import { Guard } from '../../src/admin/guard.ts';
import { listenOnPort } from '../../src/admin/listen-port.ts';
import { AdminServer } from '../../src/admin/server.ts';
import { DashboardFiles } from '../../src/admin/dashboard-files.ts';
import type { Incident } from '../../src/diagnostics/incident.ts';
import type { StackFrame } from '../../src/diagnostics/stack-report.ts';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { INCIDENT, SmallControlled } from '../admin/small-controlled.ts';
import { startBrowser } from '../support/browser.ts';
import { root } from '../support/paths.ts';

const EVIL = '<img src=x id=injected onerror=alert(1)>\u202e';

const frame = (name: string, file: string, origin: StackFrame['origin']): StackFrame => ({
  function: name,
  file,
  line: 12,
  column: 3,
  origin,
});

const WITH_STACK: Incident = {
  ...INCIDENT,
  request: { task: 7, method: 'GET', url: `/report?x=${EVIL}`, route: `GET /report ${EVIL}` },
  stack: {
    pid: 4711,
    worker: 1,
    takenAt: '2026-01-02T03:04:05.678Z',
    tookMs: 21,
    verdict: 'computing',
    summary: `computing in spin ${EVIL}`,
    frames: [
      frame('parse', '/app/node_modules/slow/index.js', 'dependency'),
      frame(`spin${EVIL}`, '/app/report.ts', 'user'),
      frame('emit', 'node:events', 'node'),
    ],
    source: { file: '/app/report.ts', line: 12, text: `  while (true) ${EVIL}` },
    samples: [],
    resources: null,
    thread: null,
    cpuPercent: 99,
  },
  lastWords: [EVIL],
  timeline: [
    { atMs: 0, what: 'queued' },
    { atMs: 3, what: 'started' },
    { atMs: 30_000, what: 'killed' },
  ],
  end: { at: '2026-01-02T03:04:35.678Z', how: 'killed at the deadline', status: 504, exitCode: null, signal: 'SIGKILL' },
};

class OneIncident extends SmallControlled {
  override incidents(): Incidents {
    const { group, kind, at, id } = WITH_STACK;
    return {
      groups: [{ group, kind, title: `GET /report ${EVIL}`, count: 3, firstAt: at, lastAt: at, ids: [id] }],
      incidents: [WITH_STACK],
      dropped: 2,
    };
  }
}

test('an incident is told with its stack, its source line and its timeline, and as text', async (t) => {
  const admin = new AdminServer(new OneIncident(), {}, new DashboardFiles(pathToFileURL(join(root, 'dist', 'dashboard', '/'))));
  t.after(() => admin.close());
  const guard = new Guard();
  const port = await listenOnPort(admin.create(guard), 0);
  guard.setPort(port);
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`http://127.0.0.1:${port}/#/incidents/${WITH_STACK.id}`);
  await page.locator('.timeline').waitFor();
  const frames = await page.locator('.stack > .frames li').allInnerTexts();
  assert.equal(frames.length, 1, 'more than own frames came first');
  assert.match(frames[0] ?? '', /^spin<img.*report\.ts:12:3$/s);
  assert.equal(await page.locator('details .frames li').count(), 3);
  assert.match(await page.locator('.source-line').innerText(), /12\s+while \(true\) <img/);
  assert.match(await page.locator('.timeline').innerText(), /queued[^]*started[^]*30 s[^]*killed/);
  assert.match(await page.locator('article').innerText(), /Killed at the deadline \(status 504, signal SIGKILL\)\./);
  assert.match(await page.locator('.groups').innerText(), /deadline[^]*3 times/);
  assert.equal(await page.locator('#injected').count(), 0);
});
