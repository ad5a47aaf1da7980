/** What a person does in the lab, in a real browser. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { openPage } from '../support/dashboard.ts';
import { startLab, type TestLab } from '../support/lab.ts';
import { violationsOf, widerThanScreen } from '../support/looks.ts';
import { until } from '../support/until.ts';

const LONG = 29355126551;
const WITHIN_MS = 60_000;

describe('the page of the lab', () => {
  let browser: Browser;
  let lab: TestLab;
  before(async () => {
    [browser, lab] = await Promise.all([startBrowser(), startLab()]);
    await lab.allServe();
  });
  after(async () => {
    await browser.close();
    await lab[Symbol.asyncDispose]();
  });

  const open = (link: string, options?: BrowserContextOptions) =>
    openPage(browser, link, 'One request computes. Who has to wait?', options);
  const laneOf = (page: Page, mode: string): Locator => page.getByRole('article', { name: mode });
  const tabsOf = (page: Page, mode: string, is: string, number: number): Locator =>
    // Its time has digits too.
    laneOf(page, mode).locator(`.tab.is-${is}`, { has: page.locator('.tab-number', { hasText: new RegExp(`^${number}$`) }) });
  const answers = async (page: Page, mode: string, number: number): Promise<void> => {
    await tabsOf(page, mode, 'answered', number).first().waitFor();
  };

  it('shows a blocking server that answers nobody, and others that do', async () => {
    await using opened = await open(lab.link);
    const { page } = opened;
    assert.doesNotMatch(page.url(), /token/);
    await page.getByRole('slider', { name: 'Long requests' }).fill('2');
    await page.getByRole('button', { name: `Ask ${LONG} × 2` }).click();
    await tabsOf(page, 'blocking', 'loading', LONG).nth(1).waitFor();
    await page.getByRole('button', { name: 'Ask 7', exact: true }).click();
    for (const mode of ['fork', 'pool', 'thread']) await answers(page, mode, 7);
    await tabsOf(page, 'blocking', 'loading', 7).waitFor();
    assert.match(await laneOf(page, 'pool').locator('.tab.is-answered').first().innerText(), /7[^]*\d (ms|s)[^]*prime, pid \d+/);
    await laneOf(page, 'pool').locator('.look-demoted').first().waitFor();
    assert.match(await laneOf(page, 'pool').innerText(), /orphans: 0/);

    await page.getByRole('button', { name: `Close the tab of 7 on blocking` }).click();
    await tabsOf(page, 'blocking', 'closed', 7).waitFor();
    await laneOf(page, 'fork').getByRole('button', { name: 'fork: 13', exact: true }).click();
    await answers(page, 'fork', 13);
    assert.equal(await tabsOf(page, 'pool', 'answered', 13).count(), 0, 'the button of one lane asks all');
    await page.getByRole('button', { name: 'Close all tabs' }).click();
    await until(async () => (await page.locator('.tab.is-loading').count()) === 0, { describe: 'all tabs to be closed' });
  });

  it('kills a primary, shows that no child is left, and starts it again', async () => {
    await using opened = await open(lab.link);
    const { page } = opened;
    const pool = laneOf(page, 'pool');
    await pool.getByRole('button', { name: `pool: ${LONG}` }).click();
    await tabsOf(page, 'pool', 'loading', LONG).waitFor();
    await pool.getByRole('button', { name: 'Kill the primary' }).click();
    await pool.getByText(/Its \d+ children were gone \d+ ms later. Orphans: 0./).waitFor();
    await pool.getByText('0 processes').waitFor();
    await tabsOf(page, 'pool', 'failed', LONG).waitFor();
    assert.deepEqual(await violationsOf(page), []);
    assert.ok(await pool.getByRole('button', { name: 'pool: 7', exact: true }).isDisabled());
    await pool.getByRole('button', { name: 'Start it again' }).click();
    await pool.getByRole('button', { name: 'Kill the primary' }).waitFor();
    await until(() => pool.getByRole('button', { name: 'pool: 7', exact: true }).isEnabled(), {
      describe: 'the pool to serve again',
      withinMs: WITHIN_MS,
    });
    await pool.getByRole('button', { name: 'pool: 7', exact: true }).click();
    await answers(page, 'pool', 7);

    const [, dashboardOpened] = await Promise.all([
      pool.getByRole('link', { name: 'Dashboard' }).click(),
      page.context().waitForEvent('page'),
    ]);
    await dashboardOpened.getByRole('heading', { name: 'Workers' }).waitFor();
    await dashboardOpened.close();
  });

  it('lets nobody act without the token', async () => {
    await using opened = await open(lab.origin + '/lab');
    const { page } = opened;
    await page.getByRole('button', { name: 'Run all' }).click();
    await page.getByText('actions need the token').waitFor();
    assert.equal((await lab.state()).run, null);
  });

  it('is light', async () => {
    await using opened = await open(lab.origin + '/lab');
    const texts = await opened.page.evaluate<string[]>(`Promise.all(
      [location.href, ...performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/assets/'))]
        .map((url) => fetch(url, { headers: { accept: 'text/html' } }).then((response) => response.text())))`);
    assert.ok(texts.length >= 4, 'a page, a script, a style and a picture');
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
    assert.ok(bytes < 60 * 1024, `the page is ${bytes} bytes when gzipped, which is more than 60 KB`);
  });

  it('plays the story to its end, on every kind of screen', async () => {
    await using light = await open(lab.link, { colorScheme: 'light', reducedMotion: 'reduce' });
    const phone = { colorScheme: 'dark', reducedMotion: 'reduce', viewport: { width: 360, height: 740 } } as const;
    // The others are closed meanwhile: three pages that draw the story would take more of the CPUs than what it measures.
    const check = async (what: string, shown = /^One request computes/): Promise<void> => {
      await using dark = await open(lab.origin + '/lab', { colorScheme: 'dark', reducedMotion: 'reduce' });
      await using small = await open(lab.origin + '/lab', phone);
      for (const [name, { page }] of Object.entries({ light, dark, small })) {
        await page.getByText(shown).first().waitFor();
        assert.deepEqual(await violationsOf(page), [], `${what}, ${name}`);
        assert.deepEqual(await widerThanScreen(page), [], `${what}, ${name}, is wider than the screen`);
      }
    };
    await check('at the beginning');
    await light.page.getByRole('button', { name: 'Run all' }).click();
    await light.page.getByRole('button', { name: 'Halt' }).waitFor();
    await light.page.locator('.story-table td').first().waitFor();
    await light.page.getByText(/^Measured in/).waitFor({ timeout: 120_000 });
    await check('at the end', /^Measured in/);

    const { run } = await lab.state();
    assert.equal(run?.is, 'done', run?.told);
    // It is bound to a minute on a machine of its own.
    assert.ok(run.tookMs < 90_000, `it took ${run.tookMs} ms`);
    const at = (mode: string, index: number): number =>
      run.results.find((result) => result.mode === mode)?.points.at(index)?.p50Ms ?? Number.NaN;
    assert.deepEqual(
      run.results.map(({ points }) => points.length),
      run.results.map(() => run.longs.length),
    );
    // What the whole is about, with room for a crowded machine.
    assert.ok(at('blocking', -1) > at('pool', -1), JSON.stringify(run.results));
    assert.ok(at('blocking', -1) > 10 * at('blocking', 0), JSON.stringify(run.results));
    assert.equal(await light.page.locator('.story-chart polyline').count(), 5);
    assert.equal(await light.page.locator('.story-table tbody tr').count(), 5);
    assert.match(await light.page.locator('.finding').innerText(), /^Beside 8 long requests a short one takes .* in the pool\.$/);
    assert.ok((await lab.state()).lanes.every(({ tabs }) => tabs.every(({ is }) => is !== 'loading')));
  });

  it('can be worked by the keyboard alone', async () => {
    await using opened = await open(lab.link);
    const { page } = opened;
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.type'), 'range');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: `Ask ${LONG} × 2` }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await answers(page, 'fork', 7);
  });
});
