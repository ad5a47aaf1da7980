import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellOutcome } from '../../bench/measure/cell.ts';
import { toMarkdown } from '../../bench/report/markdown.ts';
import type { Results } from '../../bench/report/results.ts';
import { figureIn } from '../../bench/report/summary.ts';
import { toSvg } from '../../bench/report/svg.ts';
import { toTerminal } from '../../bench/report/terminal.ts';
import { cell, floorCell, measured, results } from './made-up-results.ts';

const PHASE = 'at a fixed rate, new connections';

test('figures are the medians of the rounds, with their range', () => {
  const cells = [2, 4, 9].map((ms, round) => cell('bare', 0, measured([ms]), round));
  const figure = figureIn(cells, 'bare', 0, PHASE);
  assert.equal(figure?.kind, 'measured');
  assert.deepEqual(figure.kind === 'measured' && figure.p50, { median: 4, least: 2, most: 9 });
});

test('what was not answered is counted over all rounds', () => {
  const cells = [cell('bare', 0, measured([1, 2], 2)), cell('bare', 0, measured([1, 2], 1), 2)];
  const figure = figureIn(cells, 'bare', 0, PHASE);
  assert.deepEqual(figure?.kind === 'measured' && [figure.sent, figure.unanswered], [7, 3]);
});

test('never is what most rounds say; a single one is told beside the figure', () => {
  const never: CellOutcome = { kind: 'never', run: true };
  const mostly = [cell('bare', 1, never), cell('bare', 1, never, 2), cell('bare', 1, measured([1]), 3)];
  assert.equal(figureIn(mostly, 'bare', 1, PHASE)?.kind, 'never');
  const once = [cell('bare', 1, measured([1])), cell('bare', 1, never, 2), cell('bare', 1, measured([3]), 3)];
  const figure = figureIn(once, 'bare', 1, PHASE);
  assert.equal(figure?.kind === 'measured' && figure.neverRounds, 1);
});

test('every peer is in the tables, those that are not installed too', () => {
  const all = results([cell('prefork-pool', 0, measured([1])), cell('bare', 8, { kind: 'never', run: true })]);
  const page = toMarkdown(all, 'x.svg');
  assert.match(page, /\| bare \| {2}\| never \|/);
  assert.match(page, /\| erlang \| .* \| not installed: erl is missing \|/);
  assert.match(toTerminal(all), /prefork-pool : itself at H = 0 +1\.00 \/ 1\.00/);
});

test('servers of ours stand beside themselves from the build before, where there was one', () => {
  const rounds = [1, 2].flatMap((round) => [
    cell('prefork-pool', 0, measured([2 * round]), round),
    cell('prefork-pool, before', 0, measured([4 * round]), round),
    cell('prefork-pool', 8, measured([1]), round),
    cell('prefork-pool, before', 8, { kind: 'never', run: true }, round),
  ]);
  const alone = results(rounds);
  assert.doesNotMatch(toMarkdown(alone, 'picture.svg'), /now : before/);
  const [own, ...others] = alone.peers;
  assert.ok(own !== undefined);
  const beside: Results = {
    ...alone,
    options: { ...alone.options, rounds: 2 },
    before: { reference: 'v0.1.0', commit: '0123456789abcdef', version: '0.1.0', folder: 'bench/.before/0123456789' },
    peers: [own, { ...own, name: 'prefork-pool, before' }, ...others],
    floor: [
      floorCell('longFirst', { longShare: 0.2 }),
      floorCell('longFirst', { longShare: 0.1 }, 'prefork-pool, before'),
      floorCell('shortFirst', { longShare: 0.2 }),
    ],
    twoLong: [{ preforkMs: 100, bareMs: 90, delay: null, before: { kind: 'failed', why: 'it does not start' } }],
  };
  const page = toMarkdown(beside, 'picture.svg');
  // The second round was twice as slow for both, so that a single figure is as unsteady as they differ.
  assert.match(page, /\| prefork-pool, at a fixed rate, new connections, p50 \| 0\.50, noise \| 0\.00, better \|/);
  assert.doesNotMatch(page, /two long ones alone, time/);
  assert.match(page, /\| under saturation, long ones first, what the long ones got \| 2\.00, better\? \|/);
  assert.doesNotMatch(page, /under saturation, short ones first, what/);
  assert.match(toTerminal(beside), /prefork-pool, at a fixed rate, new connections, p99 +0\.50, noise +0\.00, better/);
});

test('the picture has a mark for each figure, and names can not break it', () => {
  const picture = toSvg(results([cell('prefork-pool', 0, measured([1, 20])), cell('bare', 8, { kind: 'never', run: true })]));
  assert.equal(picture.match(/<circle/g)?.length, 1);
  assert.match(picture, />never<\/text>/);
  assert.equal(toSvg(results([])), '');
});
