import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { TestServer } from './test-server.ts';

/** Bound for whatever a page waits for, ms: far more than it takes, on a machine that is slow. */
const WITHIN_MS = 60_000;

/** A page on the dashboard of a server; `await using` closes it and fails the test if its console had an error. */
export interface DashboardPage extends AsyncDisposable {
  readonly page: Page;
  /** Of the admin server, without the token and a slash. */
  readonly origin: string;
  /** What the console said that it should not have. */
  readonly errors: readonly string[];
  /** What was asked of other machines. */
  readonly strangers: readonly string[];
}

/** @param withToken whether it is opened by the link that the server printed, or by its address alone */
export async function openDashboard(
  browser: Browser,
  server: TestServer,
  { withToken = true, ...options }: BrowserContextOptions & { readonly withToken?: boolean } = {},
): Promise<DashboardPage> {
  const [, link = ''] = await server.waitForStdout(/admin on (\S+)/);
  return openPage(browser, withToken ? link : new URL(link).origin, 'Workers', options);
}

/** @param heading one that is there when the page is */
export async function openPage(
  browser: Browser,
  link: string,
  heading: string,
  options: BrowserContextOptions = {},
): Promise<DashboardPage> {
  const { origin } = new URL(link);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(WITHIN_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  const strangers: string[] = [];
  page.on('console', (message) => {
    // On a crowded machine a look into a demoted worker may fail, which the page tells, and the browser too.
    const isFailedLook = /status of 502/.test(message.text()) && /\/(trace|profile)$/.test(message.location().url);
    if (!isFailedLook && ['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('blob:')) strangers.push(request.url());
  });
  await page.goto(link);
  await page.getByRole('heading', { name: heading }).waitFor();
  return {
    page,
    origin,
    errors,
    strangers,
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(errors, [], 'the console has errors');
      assert.deepEqual(strangers, [], 'the page asked other machines');
    },
  };
}
