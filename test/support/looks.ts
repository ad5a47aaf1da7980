import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** The elements that reach beyond the screen, when the page can be scrolled to them. */
const WIDER = `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((element) => element.tagName + '.' + element.getAttribute('class') + ': ' + element.textContent.slice(0, 80))`;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds. Scripts of the tests come in through the debugger, past the policy of the page. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** What reaches beyond the screen. */
export function widerThanScreen(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(WIDER);
}
