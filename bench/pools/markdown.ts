import type { Contender } from './contenders.ts';
import { LOADS, type PoolFigure, type PoolResults, WORKERS } from './results.ts';

/** The results as a page that stands for itself. */
export function toMarkdown(results: PoolResults): string {
  const { machine, date, rounds, seconds } = results;
  return `${[
    `# Function pools, ${date.slice(0, 10)}`,
    `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGb} GB, ${machine.system}. ${WORKERS} workers; medians of ${rounds} rounds of ${seconds} s, each in another order.`,
    '## Goals',
    table(['goal', 'measured', ''], goalsOf(results)),
    '## Tasks a second',
    table(
      ['', ...LOADS.map(({ what }) => what)],
      results.contenders.map((contender) => [
        contender.name,
        ...LOADS.map(({ what }) => showRate(figureOf(results, contender.name, what))),
      ]),
    ),
    '## Spread: the slowest and the fastest round against the median',
    table(
      ['', ...LOADS.map(({ what }) => what)],
      results.contenders.map((contender) => [
        contender.name,
        ...LOADS.map(({ what }) => showSpread(figureOf(results, contender.name, what))),
      ]),
    ),
    '## Versions',
    Object.entries(results.versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

function goalsOf(results: PoolResults): string[][] {
  const processes = (what: string): number => rateOf(results, 'prefork, processes', what);
  const threads = (what: string): number => rateOf(results, 'prefork, threads', what);
  const best = (over: Contender['over'], what: string): number =>
    Math.max(
      ...results.contenders
        .filter((contender) => contender.kind === 'peer' && contender.over === over)
        .map(({ name }) => rateOf(results, name, what))
        .filter((rate) => !Number.isNaN(rate)),
    );
  const [many, single] = ['n + 1, 64 in flight', 'n + 1, one at a time'];
  const large = '1 MB both ways, 64 in flight';
  return [
    goal('n + 1 in processes: at least 4 times the fastest process pool', processes(many) / best('processes', many), 4, 'least'),
    goal('n + 1 in processes: at least 2 times the fastest thread pool', processes(many) / best('threads', many), 2, 'least'),
    goal(
      'one at a time: at most 1.2 times the round trip of a bare socket',
      rateOf(results, 'socket, processes', single) / processes(single),
      1.2,
      'most',
    ),
    goal('n + 1 in threads: faster than the fastest thread pool', threads(many) / best('threads', many), 1, 'least'),
    goal('1 MB both ways: at least 3 times the fastest process pool', processes(large) / best('processes', large), 3, 'least'),
  ];
}

function goal(what: string, found: number, bound: number, kind: 'least' | 'most'): string[] {
  const isMet = kind === 'least' ? found >= bound : found <= bound;
  return [what, Number.isFinite(found) ? `${found.toFixed(2)} times` : 'not measured', isMet ? 'met' : 'missed'];
}

function figureOf(results: PoolResults, contender: string, load: string): PoolFigure | undefined {
  return results.figures.find((figure) => figure.contender === contender && figure.load === load);
}

function rateOf(results: PoolResults, contender: string, load: string): number {
  return figureOf(results, contender, load)?.perSecond.median ?? Number.NaN;
}

function showRate(figure: PoolFigure | undefined): string {
  if (figure === undefined) return 'not installed';
  if (figure.samples.length === 0) return `failed: ${figure.failure ?? ''}`;
  const { median } = figure.perSecond;
  return median >= 100 ? Math.round(median).toLocaleString('en') : median.toFixed(1);
}

function showSpread(figure: PoolFigure | undefined): string {
  if (figure === undefined || figure.samples.length === 0) return '';
  const { least, median, most } = figure.perSecond;
  return `${(least / median).toFixed(2)} to ${(most / median).toFixed(2)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
