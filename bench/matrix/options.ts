import { parseArgs } from 'node:util';

/** What the command line asks of the scenarios: some of them, and how. */
export interface MatrixOptions {
  /** Names of scenarios. */
  readonly scenarios: readonly string[];
  /** Names of contenders; undefined for all that the run is about. */
  readonly peers: readonly string[] | undefined;
  readonly isQuick: boolean;
  /** undefined for those of the scenario. */
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly out: string | undefined;
  /** Which build is measured beside the present one; undefined for the last release, or none in a quick run. */
  readonly before: string | undefined;
}

export type MatrixReading =
  | { readonly kind: 'run'; readonly options: MatrixOptions }
  /** The ratios in under a minute, beside what was recorded; or record it. */
  | { readonly kind: 'quick'; readonly isToRecord: boolean; readonly scenarios: readonly string[] }
  | { readonly kind: 'docs' }
  /** Not for these scenarios. */
  | { readonly kind: 'other' }
  | { readonly kind: 'wrong'; readonly message: string };

const FLAGS = {
  quick: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
  peers: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  out: { type: 'string' },
  before: { type: 'string' },
} as const;

/** A scenario, and whom it measures. */
export interface KnownScenario {
  readonly name: string;
  readonly contenders: readonly { readonly name: string }[];
}

/** Reads `SCENARIO… [flags]`, `all [flags]`, `docs`, `--quick [--record]`. */
export function readMatrixOptions(args: readonly string[], knownScenarios: readonly KnownScenario[]): MatrixReading {
  const known = knownScenarios.map(({ name }) => name);
  const isOurs = args.some((word) => known.includes(word) || word === 'all' || word === 'docs' || word === '--quick');
  if (!isOurs || args.includes('--help') || args.includes('-h')) return { kind: 'other' };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
    if (positionals.includes('docs')) return { kind: 'docs' };
    const strange = positionals.find((word) => word !== 'all' && !known.includes(word));
    if (strange !== undefined) return wrong(`found "${strange}", expected ${known.join(', ')} or all`);
    const scenarios = positionals.length === 0 || positionals.includes('all') ? known : positionals;
    if (values.record && !values.quick) return wrong('--record: found it alone, expected it with --quick');
    if (values.quick && (positionals.length === 0 || values.record)) {
      if (values.before !== undefined)
        return wrong(
          '--before: found it where ratios are compared with recorded ones, expected it with a scenario, such as http --quick --before HEAD~10',
        );
      return { kind: 'quick', isToRecord: values.record, scenarios };
    }
    const peers = values.peers?.split(',').map((name) => name.trim());
    const there = knownScenarios.filter(({ name }) => scenarios.includes(name)).flatMap(({ contenders }) => contenders);
    const stranger = peers?.find((name) => !there.some((contender) => contender.name === name));
    if (stranger !== undefined) {
      const names = new Set(there.map(({ name }) => `"${name}"`));
      return wrong(`--peers: found "${stranger}", expected some of ${[...names].join(', ')}`);
    }
    return {
      kind: 'run',
      options: {
        scenarios,
        peers,
        isQuick: values.quick,
        rounds: values.rounds === undefined ? undefined : readNumber('--rounds', values.rounds, 1, 100),
        seconds: values.seconds === undefined ? undefined : readNumber('--seconds', values.seconds, 0.5, 60),
        out: values.out,
        before: values.before ?? (values.quick ? 'none' : undefined),
      },
    };
  } catch (error) {
    return wrong((error as Error).message.split('\n')[0] ?? '');
  }
}

function wrong(message: string): MatrixReading {
  return { kind: 'wrong', message };
}

function readNumber(flag: string, text: string, least: number, most: number): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${flag}: found "${text}", expected a number from ${least} to ${most}`);
}
