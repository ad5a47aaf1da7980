import { isIP } from 'node:net';
import * as v from 'valibot';
import { durationSchema } from './duration.ts';
import { sizeSchema } from './size.ts';
import { LEAST_MEMORY_BYTES } from './sizing.ts';

export type OptionKind = 'duration' | 'size' | 'count' | 'port' | 'boolean' | 'choice' | 'share' | 'host' | 'text';

/** What the row of an option says of itself, whatever its kind. */
export interface OptionTexts {
  /** The default as help shows it: text, since some defaults depend on the machine. */
  readonly default: string;
  /** One sentence: the unit, what it reaches, and what a wrong value costs. */
  readonly doc: string;
  /** A name that platforms set by convention, which counts when the option's own `PREFORK_` name is not set. */
  readonly environmentAlias?: string;
}

/** One row of the option table: its kind, its texts, and the schema that turns a raw value into base units. */
export interface Option<Value> extends OptionTexts {
  readonly kind: OptionKind;
  /** What stands for the value in help. */
  readonly placeholder: string;
  readonly schema: v.GenericSchema<unknown, Value>;
}

const LARGEST_COUNT = 2 ** 31 - 1;

export function duration(least: number, texts: OptionTexts): Option<number> {
  return { kind: 'duration', placeholder: 'duration', schema: durationSchema(least), ...texts };
}

export function size(least: number, most: number, texts: OptionTexts): Option<number> {
  return { kind: 'size', placeholder: 'size', schema: sizeSchema(least, most), ...texts };
}

/** What all workers together may hold. */
export function memory(texts: OptionTexts): Option<number> {
  const schema = sizeSchema(LEAST_MEMORY_BYTES, Number.MAX_SAFE_INTEGER, 'room for one worker');
  return { kind: 'size', placeholder: 'size', schema, ...texts };
}

/** A part of a whole, from 1 % to 50 %: `10%`, or 0.1 as a number. */
export function share(texts: OptionTexts): Option<number> {
  const expected = 'a share from 1% to 50%';
  const schema = v.pipe(
    v.unknown(),
    v.transform((raw) => (typeof raw === 'string' && /^\d{1,3}(\.\d{1,3})?%$/.test(raw) ? Number(raw.slice(0, -1)) / 100 : raw)),
    v.number(expected),
    v.minValue(0.01, expected),
    v.maxValue(0.5, expected),
  );
  return { kind: 'share', placeholder: 'share', schema, ...texts };
}

export function count(least: number, texts: OptionTexts, most = LARGEST_COUNT): Option<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return { kind: 'count', placeholder: 'n', schema: wholeNumber(least, most, expected), ...texts };
}

export function port(texts: OptionTexts): Option<number> {
  const schema = wholeNumber(0, 65_535, 'a port from 0 to 65535, 0 for any free one');
  return { kind: 'port', placeholder: 'port', schema, ...texts };
}

export function boolean(texts: OptionTexts): Option<boolean> {
  const expected = 'true or false';
  const schema = v.pipe(
    v.unknown(),
    v.transform((raw) => (typeof raw === 'string' ? BOOLEAN_WORDS.get(raw) : raw)),
    v.boolean(expected),
  );
  return { kind: 'boolean', placeholder: 'true|false', schema, ...texts };
}

export function choice<const Value extends string>(values: readonly Value[], texts: OptionTexts): Option<Value> {
  const schema = v.pipe(v.unknown(), v.picklist(values, `one of ${values.join(', ')}`));
  return { kind: 'choice', placeholder: values.join('|'), schema, ...texts };
}

export function host(texts: OptionTexts): Option<string> {
  const expected = 'a host name or an IP address, without scheme and port';
  const schema = v.pipe(v.unknown(), v.string(expected), v.transform(withoutBrackets), v.check(isHost, expected));
  return { kind: 'host', placeholder: 'host', schema, ...texts };
}

export function text(texts: OptionTexts): Option<string> {
  const expected = 'a text that is not empty';
  const schema = v.pipe(v.unknown(), v.string(expected), v.nonEmpty(expected));
  return { kind: 'text', placeholder: 'file', schema, ...texts };
}

const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function wholeNumber(least: number, most: number, expected: string): v.GenericSchema<unknown, number> {
  return v.pipe(
    v.unknown(),
    // Flags and environment variables are text; Number() alone would read '' as 0, and '0x10' and '1e3' as numbers.
    v.transform((raw) => (typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw)),
    v.number(expected),
    v.integer(expected),
    v.minValue(least, expected),
    v.maxValue(most, expected),
  );
}

/** `[::1]` is how URLs write an IPv6 address; `listen` wants it bare. */
function withoutBrackets(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

function isHost(name: string): boolean {
  // Digits and dots alone are a mistyped address, not a name.
  return isIP(name) !== 0 || (/^[a-z\d_]([a-z\d._-]*[a-z\d_.])?$/i.test(name) && !/^[\d.]+$/.test(name));
}
