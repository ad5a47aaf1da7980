import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, type Options } from '../../bench/options.ts';

const KNOWN = { peers: ['bare', 'piscina'], others: ['all', 'http', 'docs'] };

function optionsOf(...args: string[]): Options {
  const reading = readOptions(args, KNOWN);
  assert.equal(reading.kind, 'run', reading.kind === 'wrong' ? reading.message : undefined);
  return (reading as { options: Options }).options;
}

function messageOf(...args: string[]): string {
  const reading = readOptions(args, KNOWN);
  assert.equal(reading.kind, 'wrong');
  return (reading as { message: string }).message;
}

test('mixed alone measures all peers with the defaults', () => {
  assert.deepEqual(optionsOf('mixed'), {
    command: 'mixed',
    peers: undefined,
    long: [0, 1, 2, 8, 32],
    rounds: 3,
    seconds: 2,
    ratePerSecond: 50,
    warmUp: 50,
    out: undefined,
    before: undefined,
  });
});

test('lists are split, freed of doubles and, where they are numbers, sorted', () => {
  const { peers, long } = optionsOf('mixed', '--peers', 'piscina, bare,piscina', '--long', '8,0,2,8');
  assert.deepEqual(peers, ['piscina', 'bare']);
  assert.deepEqual(long, [0, 2, 8]);
});

test('another build to measure beside is taken as it is named', () => {
  assert.equal(optionsOf('mixed', '--before', 'HEAD~3').before, 'HEAD~3');
});

test('--help with anything asks for the help', () => {
  assert.equal(readOptions(['--help'], KNOWN).kind, 'help');
  assert.equal(readOptions(['mixed', '-h'], KNOWN).kind, 'help');
});

test('what is wrong gets one line that says what was found and what was expected', () => {
  assert.equal(messageOf('race'), 'found "race", expected a command: all, http, docs, mixed, long, floor');
  assert.equal(messageOf('--rounds', '2'), 'found nothing, expected a command: all, http, docs, mixed, long, floor');
  assert.equal(messageOf('mixed', 'long'), 'found "mixed long", expected one command, such as mixed');
  assert.equal(messageOf('mixed', '--peers', 'bare,nginx'), '--peers: found "nginx", expected some of bare, piscina');
  assert.equal(messageOf('mixed', '--long', '1,x'), '--long: found "x", expected a whole number from 0 to 256');
  assert.equal(messageOf('mixed', '--rounds', '0'), '--rounds: found "0", expected a whole number from 1 to 100');
  assert.equal(messageOf('mixed', '--seconds', '1e3'), '--seconds: found "1e3", expected a number from 0.5 to 60');
  assert.match(messageOf('mixed', '--bogus'), /--bogus/);
});
