import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toMarkdown } from './markdown.ts';
import type { Results } from './results.ts';
import { toSvg } from './svg.ts';

/** Writes raw data, page and picture of a run, named by what it was and when it began, and returns their paths. */
export function writeResults(results: Results, folder: string): readonly string[] {
  const stem = `${results.options.command}-${results.startedAt.slice(0, 16).replaceAll(':', '')}`;
  const picture = toSvg(results);
  const files: [string, string][] = [
    [`${stem}.json`, toJson(results)],
    [`${stem}.md`, toMarkdown(results, `${stem}.svg`)],
    ...(picture === '' ? [] : [[`${stem}.svg`, picture] as [string, string]]),
  ];
  mkdirSync(folder, { recursive: true });
  return files.map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}

/** One line a cell: thousands of latencies on a line each can't be read, nor compared. */
function toJson(results: Results): string {
  const { cells, ...rest } = results;
  const head = JSON.stringify(rest, null, 1).slice(0, -2);
  return `${head},\n "cells": [\n${cells.map((cell) => JSON.stringify(cell)).join(',\n')}\n ]\n}\n`;
}
