/** What one does with a worker that is not in trouble: takes its heap, opens its inspector, replaces it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { openDashboard } from '../support/dashboard.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

it('saves a heap snapshot, opens an inspector for as long as it is shown, and recycles', async () => {
  await using server = await startServer({
    entry: handler('computes.mjs'),
    args: ['--admin-port', '0', '--mode', 'pool', '--min', '1', '--max', '1', '--spares', '0'],
  });
  await using dashboard = await openDashboard(browser, server);
  const { page } = dashboard;
  await page.locator('.tile.look-idle a').first().click();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Heap snapshot' }).click();
  const snapshot: unknown = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
  assert.ok(Object(snapshot).snapshot?.node_count > 1000, 'what was saved is no heap snapshot');
  await page.getByText(/saved as worker-\d+\.heapsnapshot/).waitFor();

  await page.getByRole('button', { name: 'Inspector' }).click();
  await page.getByRole('button', { name: 'Open the inspector' }).click();
  const link = page.locator('.copy-line code').nth(1);
  const [, port = ''] = /^ws:\/\/127\.0\.0\.1:(\d+)\//.exec(await link.innerText()) ?? [];
  const isOpen = async (): Promise<boolean> => {
    try {
      return (await fetch(`http://127.0.0.1:${port}/json/version`)).ok;
    } catch {
      return false;
    }
  };
  assert.ok(await isOpen());
  await page.getByRole('button', { name: 'Close the inspector' }).click();
  await until(async () => !(await isOpen()), { describe: 'the inspector to be closed', withinMs: 30_000 });

  await page.getByRole('button', { name: 'Recycle' }).click();
  await page.locator('.state-word', { hasText: 'gone' }).waitFor();
  await page.getByRole('link', { name: 'prefork, overview' }).click();
  await page.locator('.tile.look-idle').first().waitFor();
});
