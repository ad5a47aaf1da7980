import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toMarkdown } from './markdown.ts';
import type { MatrixResults } from './results.ts';
import type { Scenario } from './scenario.ts';
import { toSvg } from './svg.ts';

/** Writes raw data, page and picture of a run, named by what it was and when it began, and returns their paths. */
export function writeMatrix(scenario: Scenario, results: MatrixResults, folder: string): readonly string[] {
  const stem = stemOf(results);
  mkdirSync(folder, { recursive: true });
  const files: [string, string][] = [
    [`${stem}.json`, toJson(results)],
    [`${stem}.md`, toMarkdown(scenario, results, `${stem}.svg`)],
    [`${stem}.svg`, toSvg(scenario, results)],
  ];
  return files.map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}

function stemOf({ scenario, startedAt }: MatrixResults): string {
  return `${scenario}-${startedAt.slice(0, 16).replace(':', '')}`;
}

/** One line a value. */
function toJson(results: MatrixResults): string {
  const { values, ...rest } = results;
  const head = JSON.stringify(rest, null, 1).slice(0, -2);
  return `${head},\n "values": [\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n ]\n}\n`;
}
