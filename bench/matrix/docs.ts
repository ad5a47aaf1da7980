/**
 * `npm run bench -- docs`: writes the figures of the newest results of each scenario into docs/performance.md, between its marks, so that no figure
 * there is copied by hand.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_FOLDER, ROOT_FOLDER } from '../paths.ts';
import { toExcerpt } from './markdown.ts';
import type { MatrixResults } from './results.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './fill.ts';

const PAGE = join(ROOT_FOLDER, 'docs', 'performance.md');
const RESULTS = join(BENCH_FOLDER, 'results');

/** @returns what it did, a line for each scenario */
export function writeDocs(scenarios: readonly Scenario[]): readonly string[] {
  let page = readFileSync(PAGE, 'utf8');
  const lines = scenarios.map((scenario) => {
    const newest = newestOf(scenario.name);
    if (newest === undefined) return `${scenario.name}: no results in bench/results`;
    const results = JSON.parse(readFileSync(join(RESULTS, `${newest}.json`), 'utf8')) as MatrixResults;
    const filled = fill(page, scenario.name, toExcerpt(scenario, results, `../bench/results/${newest}`));
    if (filled === undefined) return `${scenario.name}: docs/performance.md has no marks for it`;
    page = filled;
    return `${scenario.name}: ${newest}`;
  });
  writeFileSync(PAGE, page);
  return lines;
}

/** Names end with the time, so that the last one is the newest. */
function newestOf(scenario: string): string | undefined {
  const pattern = new RegExp(`^${scenario}-\\d{4}-\\d\\d-\\d\\dT\\d{4}\\.json$`);
  const name = readdirSync(RESULTS)
    .filter((file) => pattern.test(file))
    .toSorted()
    .at(-1);
  return name?.replace(/\.json$/, '');
}
