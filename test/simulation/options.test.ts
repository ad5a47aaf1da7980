import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../simulation/options.ts';

function read(line: string): unknown {
  return readOptions(line.split(' ').filter((word) => word !== ''));
}

test('one seed, several, a comparison, or boots', () => {
  assert.deepEqual(read('--seed 7 --events 500 --trace'), { kind: 'replay', seed: 7, events: 500, trace: true });
  assert.deepEqual(read('--seed 0'), { kind: 'replay', seed: 0, events: 20_000, trace: false });
  assert.deepEqual(read(''), { kind: 'several', seeds: 50, events: 20_000 });
  assert.deepEqual(read('--seeds 3 --events 10'), { kind: 'several', seeds: 3, events: 10 });
  assert.deepEqual(read('--compare --out picture.svg'), { kind: 'compare', out: 'picture.svg' });
  assert.deepEqual(read('--boots'), { kind: 'boots' });
  assert.deepEqual(read('--seed x --help'), { kind: 'help' });
});

test('what makes no sense gets a line that says so', () => {
  const wrong = (line: string): string => {
    const reading = readOptions(line.split(' '));
    return reading.kind === 'wrong' ? reading.message : `read as ${reading.kind}`;
  };
  assert.equal(wrong('--seed 1.5'), `--seed: found "1.5", expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  assert.equal(wrong('--events 0'), '--events: found "0", expected a whole number from 1 to 1000000000');
  assert.equal(wrong('--trace'), '--trace: it means nothing without --seed');
  assert.equal(wrong('--seed 1 --seeds 2'), '--seeds: it means nothing with --seed');
  assert.equal(wrong('--out x.svg'), '--out: it means nothing without --compare');
  assert.match(wrong('--compare --seed 1'), /^--seed: it means nothing with --compare/);
  assert.match(wrong('--boots --events 5'), /^--events: it means nothing with --boots/);
  assert.match(wrong('--boots --out x.svg'), /^--out: it means nothing with --boots/);
  assert.match(wrong('--compare --boots'), /^--boots: it means nothing with --compare/);
  assert.match(wrong('--sede 1'), /--sede/);
  assert.match(wrong('seed'), /seed/);
});
