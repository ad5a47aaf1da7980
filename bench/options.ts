import { parseArgs } from 'node:util';

export const COMMANDS = ['mixed', 'long', 'floor'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface Options {
  readonly command: CommandName;
  /** Names of peers; undefined for all. */
  readonly peers: readonly string[] | undefined;
  /** How many long requests are held open: one after another, and rising. */
  readonly long: readonly number[];
  readonly rounds: number;
  /** Length of each measured phase. */
  readonly seconds: number;
  /** Short requests a second of the generator that keeps its rate. */
  readonly ratePerSecond: number;
  /** Short requests that each server answers before, on each kind of connection. */
  readonly warmUp: number;
  /** Folder for what was measured; undefined for bench/results. */
  readonly out: string | undefined;
  /** Which build is measured beside the present one; undefined for the last release. */
  readonly before: string | undefined;
}

/** What the command line asks for: a run, the help, or something else, with a line that says what is wrong. */
export type Reading =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

const MOST_LONG = 256;
const FLAGS = {
  peers: { type: 'string' },
  long: { type: 'string', default: '0,1,2,8,32' },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '2' },
  rate: { type: 'string', default: '50' },
  'warm-up': { type: 'string', default: '50' },
  out: { type: 'string' },
  before: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

class WrongUsage extends Error {}

/** What there is beside `COMMANDS`. */
export interface Known {
  readonly peers: readonly string[];
  /** Commands that are read elsewhere. */
  readonly others: readonly string[];
}

/** Reads the command line against the names of the peers that there are. */
export function readOptions(args: readonly string[], known: Known): Reading {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'run',
      options: {
        command: readCommand(positionals, known.others),
        peers: values.peers === undefined ? undefined : readPeers(values.peers, known.peers),
        long: readLong(values.long),
        rounds: readNumber('--rounds', values.rounds, { least: 1, most: 100, whole: true }),
        seconds: readNumber('--seconds', values.seconds, { least: 0.5, most: 60, whole: false }),
        ratePerSecond: readNumber('--rate', values.rate, { least: 1, most: 2000, whole: false }),
        warmUp: readNumber('--warm-up', values['warm-up'], { least: 1, most: 10_000, whole: true }),
        out: values.out,
        before: values.before,
      },
    };
  } catch (error) {
    return { kind: 'wrong', message: firstLine(error) };
  }
}

function readCommand(positionals: readonly string[], others: readonly string[]): CommandName {
  const [name, ...more] = positionals;
  if (more.length > 0) throw new WrongUsage(`found "${positionals.join(' ')}", expected one command, such as mixed`);
  const command = COMMANDS.find((candidate) => candidate === name);
  if (command === undefined)
    throw new WrongUsage(`found ${shown(name)}, expected a command: ${[...others, ...COMMANDS].join(', ')}`);
  return command;
}

function readPeers(text: string, known: readonly string[]): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) throw new WrongUsage(`--peers: found ${shown(strange[0])}, expected some of ${known.join(', ')}`);
  return names;
}

function readLong(text: string): readonly number[] {
  const counts = text.split(',').map((word) => readNumber('--long', word, { least: 0, most: MOST_LONG, whole: true }));
  return [...new Set(counts)].toSorted((a, b) => a - b);
}

function readNumber(flag: string, text: string, limits: { least: number; most: number; whole: boolean }): number {
  const { least, most, whole } = limits;
  const number = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
  throw new WrongUsage(`${flag}: found ${shown(text)}, expected a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}

function shown(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${text}"`;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}
