import { parseArgs } from 'node:util';

/** What the command line asks for, or a line that says what is wrong with it. */
export type Reading =
  | { readonly kind: 'replay'; readonly seed: number; readonly events: number; readonly trace: boolean }
  | { readonly kind: 'several'; readonly seeds: number; readonly events: number }
  | { readonly kind: 'compare'; readonly out: string | undefined }
  | { readonly kind: 'boots' }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

const SEVERAL_SEEDS = 50;
const EVENTS_EACH = 20_000;
const FLAGS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  events: { type: 'string' },
  trace: { type: 'boolean' },
  compare: { type: 'boolean' },
  boots: { type: 'boolean' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

class WrongUsage extends Error {}

export function readOptions(args: readonly string[]): Reading {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS });
    if (values.help === true) return { kind: 'help' };
    const { seed, seeds, events, trace = false, compare = false, boots = false, out } = values;
    const ofOneWorld = { '--seed': seed, '--seeds': seeds, '--events': events, '--trace': trace };
    if (compare) {
      refuse('with --compare, which has a load of its own', { ...ofOneWorld, '--boots': boots });
      return { kind: 'compare', out };
    }
    if (boots) {
      refuse('with --boots, which has a load of its own', { ...ofOneWorld, '--out': out });
      return { kind: 'boots' };
    }
    refuse('without --compare', { '--out': out });
    const count = events === undefined ? EVENTS_EACH : readWhole('--events', events, 1, 1e9);
    if (seed === undefined) {
      refuse('without --seed', { '--trace': trace });
      return { kind: 'several', seeds: seeds === undefined ? SEVERAL_SEEDS : readWhole('--seeds', seeds, 1, 1e6), events: count };
    }
    refuse('with --seed', { '--seeds': seeds });
    return { kind: 'replay', seed: readWhole('--seed', seed, 0, Number.MAX_SAFE_INTEGER), events: count, trace };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'wrong', message: message.split('\n')[0] ?? message };
  }
}

/** Flags that mean nothing beside what was said. */
function refuse(when: string, flags: Record<string, string | boolean | undefined>): void {
  for (const [flag, value] of Object.entries(flags))
    if (value !== undefined && value !== false) throw new WrongUsage(`${flag}: it means nothing ${when}`);
}

function readWhole(flag: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new WrongUsage(`${flag}: found "${text}", expected a whole number from ${least} to ${most}`);
}

export const HELP = `Usage: npm run simulate -- [flags]

Runs the real scheduler and the real decisions of the supervisor in a simulated world, and checks after every event what must always
hold. All of it follows from the seed: the same seed prints the same bytes.

Flags:
  --seed S       one world, in full: what was asked of it, what the scheduler did, and a hash of everything that happened
  --events N     how many events the scheduler is to see before everything ends (default: ${EVENTS_EACH})
  --trace        with --seed: prints every event, and what the scheduler ordered
  --seeds N      without --seed: worlds 1 to N, a line each (default: ${SEVERAL_SEEDS})
  --compare      waiting times beside those of other ways to share out tasks; draws docs/images/waiting-times.svg
  --boots        how many workers boot at once: the rule of the scheduler beside others, when much comes at once
  --out FILE     with --compare: draws it there
  -h, --help     print this

Exit code: 0 when all went well, 1 when something happened that must not, 2 when the flags make no sense.

Examples:
  npm run simulate -- --seed 7 --events 100000
  npm run simulate -- --seeds 1000
  npm run simulate -- --compare`;
