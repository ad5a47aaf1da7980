/** Every page, in both colour schemes and on a phone: nothing that axe finds, nothing wider than the screen. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { openDashboard } from '../support/dashboard.ts';
import { violationsOf, widerThanScreen } from '../support/looks.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import type { TestServer } from '../support/test-server.ts';

describe('the looks of the dashboard', () => {
  let browser: Browser;
  let server: TestServer;
  const stopped = new AbortController();
  before(async () => {
    browser = await startBrowser();
    server = await startServer({
      entry: handler('computes.mjs'),
      args: ['--admin-port', '0', '--mode', 'pool', '--max', '3', '--slow', '500ms', '--deadline', '10m'],
    });
    fetch(new URL('/?for=600000', server.url), { signal: stopped.signal }).catch(() => undefined);
  });
  after(async () => {
    await browser.close();
    stopped.abort();
    await server[Symbol.asyncDispose]();
  });

  const screens = [
    { name: 'light', options: { colorScheme: 'light' } },
    { name: 'dark', options: { colorScheme: 'dark' } },
    { name: 'phone', options: { colorScheme: 'dark', viewport: { width: 360, height: 740 } } },
  ] as const;
  for (const { name, options } of screens)
    it(`${name}: axe finds nothing, and no page is wider than the screen`, async () => {
      await using dashboard = await openDashboard(browser, server, { ...options, reducedMotion: 'reduce' });
      const { page } = dashboard;
      const check = async (what: string): Promise<void> => {
        assert.deepEqual(await violationsOf(page), [], what);
        assert.deepEqual(await widerThanScreen(page), [], `${what} is wider than the screen`);
      };
      await page.locator('.tile.look-demoted').waitFor();
      await check('overview');
      await page.getByRole('button', { name: 'Show as a table' }).click();
      await page.locator('table tbody tr').first().waitFor();
      await check('overview with its table');
      await page.locator('.tile.look-demoted a').click();
      await page.getByRole('button', { name: 'Stack now' }).click();
      await page.locator('.panel .stack, .panel .failure').waitFor();
      await check('worker with its stack');
      await page.getByRole('button', { name: 'Profile', exact: true }).click();
      await page.getByRole('combobox').selectOption('1');
      await page.getByRole('button', { name: 'Start the profile' }).click();
      await page.locator('.flame canvas, .panel .failure').waitFor();
      await check('worker with its profile');
      await page.getByRole('button', { name: 'Kill …' }).click();
      await check('question');
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: /^Incidents/ }).click();
      await page.locator('.timeline').waitFor();
      await check('incidents');
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.locator('table.settings').waitFor();
      await check('settings');
    });
});
