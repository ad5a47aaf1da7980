/** What the bodies and paths of requests may say. Each error names the field, what was found and what was expected. */
import { describe, type Fields } from '../admin/read-body.ts';
import { Refusal } from '../admin/refusal.ts';
import type { LabMode } from './api.ts';
import { LAB_MODES } from './lab.ts';
import { MOST_LOADING } from './tabs.ts';

export interface Asked {
  /** undefined: all lanes. */
  readonly mode: LabMode | undefined;
  readonly number: number;
  readonly times: number;
}

export function readAsk(fields: Fields): Asked {
  only(fields, ['mode', 'number', 'times']);
  const { number, times = 1 } = fields;
  return {
    mode: readOptionalMode(fields),
    number: wholeNumber('number', number, 0, Number.MAX_SAFE_INTEGER),
    times: wholeNumber('times', times, 1, MOST_LOADING),
  };
}

export function readClose(fields: Fields): { readonly mode: LabMode | undefined; readonly tab: number | undefined } {
  only(fields, ['mode', 'tab']);
  const { tab } = fields;
  const mode = readOptionalMode(fields);
  if (tab === undefined) return { mode, tab };
  if (mode === undefined) throw new Refusal(400, 'mode: found none beside a tab, expected the lane that the tab is in');
  return { mode, tab: wholeNumber('tab', tab, 1, Number.MAX_SAFE_INTEGER) };
}

/** Nothing may be said. */
export function readNothing(fields: Fields): void {
  only(fields, []);
}

export function readMode(value: unknown): LabMode {
  const mode = LAB_MODES.find((known) => known === value);
  if (mode === undefined) throw new Refusal(400, `mode: found ${describe(value)}, expected one of ${LAB_MODES.join(', ')}`);
  return mode;
}

function readOptionalMode({ mode }: Fields): LabMode | undefined {
  return mode === undefined ? undefined : readMode(mode);
}

function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Refusal(400, `${name}: found ${describe(value)}, expected a whole number from ${least} to ${most}`);
}

function only(fields: Fields, names: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new Refusal(
    400,
    `body: found the unknown field ${describe(unknown)}, expected ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
}
