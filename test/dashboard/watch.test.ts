/** What a person does who wonders why a request hangs: opens the dashboard, sees it, looks into it, ends it, and reads what it was. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { openDashboard } from '../support/dashboard.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** A URL that would be an element, were it taken for HTML. */
const HANGS = '/?for=300000&note=<img src=x id=injected onerror=alert(1)>';

describe('the dashboard', () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  it('shows a hanging request, where it hangs, and what became of it', async () => {
    await using server = await startServer({
      entry: handler('computes.mjs'),
      args: ['--admin-port', '0', '--mode', 'pool', '--max', '3', '--slow', '1s', '--deadline', '10m'],
    });
    await using dashboard = await openDashboard(browser, server);
    const { page } = dashboard;
    const answer = fetch(new URL(HANGS, server.url)).then(
      ({ status }) => status,
      () => 'no answer',
    );

    // The server looks into it at --slow, and one looks after that: two looks at once get in each other's way.
    await page.locator('.verdict a', { hasText: 'ran long' }).waitFor();
    const tile = page.locator('.tile.look-demoted');
    await tile.waitFor();
    assert.match(await tile.innerText(), /demoted/);
    await tile.getByRole('link').click();
    const url = page.locator('.facts code');
    await url.filter({ hasText: 'injected' }).waitFor();
    assert.equal(await page.locator('#injected').count(), 0, 'the URL of a request became an element');

    // A demoted worker gets what is left of the CPUs: on a crowded machine a look may find that it does not get to run, and is asked for again.
    const found = page.locator('.panel .frames b', { hasText: 'spinForever' }).first();
    await until(
      async () => {
        await page.getByRole('button', { name: 'Stack now' }).click();
        await page.locator('.panel .stack, .panel .failure').first().waitFor();
        return found.isVisible();
      },
      {
        describe: 'a stack with the function that hangs in it',
        withinMs: 120_000,
      },
    );
    assert.match(await page.locator('.panel .source-line').innerText(), /while/);

    await page.getByRole('button', { name: 'Profile', exact: true }).click();
    await page.getByRole('combobox').selectOption('1');
    const heavy = page.locator('.flame td', { hasText: 'computes.mjs' }).first();
    await until(
      async () => {
        await page.getByRole('button', { name: 'Start the profile' }).click();
        await page.locator('.flame, .panel .failure').first().waitFor();
        return heavy.isVisible();
      },
      { describe: 'a profile with the file of the handler in it', withinMs: 120_000 },
    );
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const path = await (await download).path();
    const profile: unknown = JSON.parse(readFileSync(path, 'utf8'));
    assert.ok(Array.isArray(Object(profile).nodes), 'what was downloaded is no profile');

    await page.getByRole('button', { name: 'Kill …' }).click();
    const question = page.getByRole('dialog');
    assert.match(await question.innerText(), /1 task/);
    await question.getByRole('button', { name: 'Let it live' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Kill …' }).click();
    await question.getByRole('button', { name: 'Kill it' }).click();
    assert.equal(await answer, 502);
    await page.locator('.state-word', { hasText: 'gone' }).waitFor();

    await page.getByRole('link', { name: /^Incidents/ }).click();
    await page.locator('.groups a', { hasText: 'crash' }).first().click();
    assert.match(await page.locator('.timeline').innerText(), /queued[^]*started[^]*demoted/);
    assert.equal(await page.locator('#injected').count(), 0);
    await page.getByRole('link', { name: 'prefork, overview' }).click();
    await page.locator('.verdict a').first().waitFor();
  });

  it('keeps the token of the link for the tab, out of sight, and acts with it alone', async () => {
    await using server = await startServer({
      entry: handler('computes.mjs'),
      args: ['--admin-port', '0', '--mode', 'pool', '--min', '1', '--max', '4'],
    });
    await using dashboard = await openDashboard(browser, server);
    const { page, origin } = dashboard;
    assert.doesNotMatch(page.url(), /token/);
    await page.reload();
    await page.getByRole('button', { name: 'Scale' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Workers', { exact: true }).fill('4');
    await dialog.getByRole('button', { name: 'Scale' }).click();
    await dialog.getByText('4 of 4 serve').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Reload' }).click();
    await dialog.getByText(/Code 2 serves/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('code 2', { exact: true }).waitFor();

    await using stranger = await openDashboard(browser, server, { withToken: false });
    await stranger.page.getByRole('button', { name: 'Reload' }).click();
    await stranger.page.getByText('actions need the token').waitFor();
    assert.equal(await stranger.page.getByRole('dialog').count(), 0);
    const state: unknown = await (await fetch(`${origin}/api/state`)).json();
    assert.equal(Object(state).server.generation, 2);
  });

  it('says that it is stale when the server is gone, and goes on when one is back', async () => {
    const args = (port: string): string[] => ['--admin-port', port, '--mode', 'pool', '--max', '2'];
    const first = await startServer({ entry: handler('computes.mjs'), args: args('0') });
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const [, link = ''] = await first.waitForStdout(/admin on (\S+)/);
      await page.goto(link);
      await page.locator('.connection.is-live').waitFor();
      const { pid } = first;
      await page.getByText(`pid ${pid}`, { exact: true }).first().waitFor();
      await first.stop();
      await page.locator('.connection.is-lost').waitFor();
      assert.match(await page.getByRole('alert').innerText(), /connection is lost/);
      await using second = await startServer({ entry: handler('computes.mjs'), args: args(new URL(link).port) });
      await page.locator('.connection.is-live').waitFor({ timeout: 60_000 });
      await page.getByText(`pid ${second.pid}`, { exact: true }).first().waitFor();
      assert.equal(await page.getByRole('alert').count(), 0);
      await until(async () => (await page.getByText(`pid ${pid}`, { exact: true }).count()) === 0, {
        describe: 'all of the old server to be forgotten',
      });
    } finally {
      await context.close();
      await first[Symbol.asyncDispose]();
    }
  });
});
