/**
 * Takes the pictures of the dashboard in docs/images/: `npm run screenshots`. They are of the real thing under real load: the prime example
 * with three requests that compute for a minute, short ones beside them, and a worker that is looked into.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const { startBrowser } = await import(new URL('.test-build/test/support/browser.js', root).href);
const LONG = 29355126551;
/** So long a past is in the charts. */
const LOAD_MS = 45_000;
const SHORT_EVERY_MS = 15;
const WIDE = { width: 1280, height: 1180 };
const PHONE = { width: 390, height: 844 };

const server = spawn(process.execPath, [fileURLToPath(new URL('examples/prime/start.js', root)), 'pool', '0'], {
  env: { ...process.env, PREFORK_SLOW: '5s', PREFORK_MAX: '8' },
  stdio: ['ignore', 'pipe', 'ignore'],
});
let printed = '';
server.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
while (!/#token=\S+/.test(printed) && server.exitCode === null) await once(server.stdout, 'data');
const [, url] = /listening on (\S+)/.exec(printed);
const [link] = /http:\S+#token=\S+/.exec(printed);

const stopped = new AbortController();
const ask = (number, options = {}) =>
  fetch(`${url}/?number=${number}`, options).then(
    (response) => response.text(),
    () => undefined,
  );
for (let index = 0; index < 3; index += 1) void ask(LONG, { signal: stopped.signal });
const short = setInterval(() => void ask(Math.ceil(Math.random() * 10_000)), SHORT_EVERY_MS);

const browser = await startBrowser();
try {
  const open = async (colorScheme, viewport, scale) => {
    const context = await browser.newContext({ colorScheme, viewport, deviceScaleFactor: scale, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(link);
    await page.locator('.tile.look-demoted').first().waitFor();
    return page;
  };
  const save = (page, name) => page.screenshot({ path: fileURLToPath(new URL(`docs/images/${name}.png`, root)) });
  const [light, dark, phone] = await Promise.all([open('light', WIDE, 1), open('dark', WIDE, 1), open('dark', PHONE, 2)]);
  await light.waitForTimeout(LOAD_MS);
  await Promise.all([save(light, 'dashboard'), save(dark, 'dashboard-dark'), save(phone, 'dashboard-phone')]);
  await light.locator('.tile.look-demoted a').first().click();
  await light.getByRole('button', { name: 'Profile', exact: true }).click();
  await light.getByRole('button', { name: 'Start the profile' }).click();
  await light.locator('.flame canvas').waitFor({ timeout: 60_000 });
  await save(light, 'dashboard-worker');
  await light.getByRole('link', { name: /^Incidents/ }).click();
  await light.locator('.timeline').waitFor();
  await light.setViewportSize({ width: 1280, height: 800 });
  await save(light, 'dashboard-incident');
} finally {
  clearInterval(short);
  stopped.abort();
  await browser.close();
  server.kill();
  if (server.exitCode === null) await once(server, 'exit');
}
