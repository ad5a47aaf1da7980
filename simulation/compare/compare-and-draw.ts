import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { compare } from './compare.ts';
import { toSvg } from './svg.ts';
import { toTable } from './table.ts';

const CPU_COUNTS = [2, 8, 32, 128, 1024];
const SHORT_TASKS = 40_000;

/** @param out where the picture goes; undefined for the one in docs/ */
export function compareAndDraw(out: string | undefined, print: (text: string) => void): void {
  const cells = compare(CPU_COUNTS, SHORT_TASKS);
  print('From arrival to answer, less the time that a task runs alone on a CPU; load 0.7 of the CPUs\n');
  print(toTable(cells));
  const path = resolve(out ?? 'docs/images/waiting-times.svg');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, toSvg(cells));
  print(`\nwrote ${relative(process.cwd(), path)}`);
}
