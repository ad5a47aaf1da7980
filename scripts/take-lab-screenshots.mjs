/**
 * Takes the pictures of the lab in docs/images/: `npm run screenshots:lab`. They are of the real thing: tabs that wait and are answered, a primary
 * that is killed, and the story as it was just measured on this machine, so that it had better have nothing else to do.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const { startBrowser } = await import(new URL('.test-build/test/support/browser.js', root).href);
const WIDE = { width: 1280, height: 1610 };
const PHONE = { width: 390, height: 844 };
/** The long ones are demoted, and the short ones answered. */
const LOOK_MS = 2000;
const STORY_MS = 120_000;

const lab = spawn(process.execPath, [fileURLToPath(new URL('bin/prefork.js', root)), 'lab', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let printed = '';
lab.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
while (!/#token=\S+/.test(printed) && lab.exitCode === null) await once(lab.stdout, 'data');
const [link] = /http:\S+#token=\S+/.exec(printed);

const browser = await startBrowser();
try {
  const open = async (colorScheme, viewport, deviceScaleFactor) => {
    // A picture does not turn, and a browser that draws without a graphics card has enough to do.
    const options = { colorScheme, viewport, deviceScaleFactor, locale: 'en-GB', reducedMotion: 'reduce' };
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(link);
    // Two links a lane: it serves.
    await page.locator('.lane-actions a').nth(7).waitFor();
    return page;
  };
  const save = (place, name) => place.screenshot({ path: fileURLToPath(new URL(`docs/images/${name}.png`, root)) });
  const light = await open('light', WIDE, 1);
  await light.locator('.lane-actions a').nth(9).waitFor();
  const press = (name) => light.getByRole('button', { name }).click();

  await light.getByRole('slider').fill('2');
  await press(/^Ask 29355126551 × 2/);
  await light.waitForTimeout(LOOK_MS);
  await press('Ask 7');
  await press('Ask 13');
  await light.waitForTimeout(LOOK_MS);
  await press('Kill the primary of cluster');
  await light.getByText(/gone \d+ ms later/).waitFor();
  await light.waitForTimeout(LOOK_MS);
  await save(light, 'lab');
  const dark = await open('dark', WIDE, 1);
  await save(dark, 'lab-dark');
  await dark.context().close();

  await press('Run all');
  await light.getByText(/^Measured in/).waitFor({ timeout: STORY_MS });
  await light.mouse.move(0, 0);
  await save(light.locator('.story'), 'lab-story');
  const phone = await open('dark', PHONE, 2);
  await phone.locator('.story').scrollIntoViewIfNeeded();
  await save(phone, 'lab-phone');
} finally {
  await browser.close();
  lab.kill();
  if (lab.exitCode === null) await once(lab, 'exit');
}
