/** What the bodies of requests may say. Each error names the field, what was found and what was expected. */
import { describe, type Fields } from './read-body.ts';
import { Refusal } from './refusal.ts';

const LEAST_SECONDS = 0.1;
const MOST_SECONDS = 300;
const DEFAULT_SECONDS = 5;
const MOST_WORKERS = 4096;

/** A worker: its pid, or `w` and its id. */
export function readWorkerRef(text: string): string {
  if (/^w?[1-9]\d{0,9}$/.test(text)) return text;
  throw new Refusal(400, `worker: found ${describe(text)}, expected a pid such as 4711, or w and an id such as w3`);
}

export function readIncidentId(text: string): string {
  if (/^[0-9a-z]{12}$/.test(text)) return text;
  throw new Refusal(400, `incident: found ${describe(text)}, expected 12 characters of 0 to 9 and a to z`);
}

/** Nothing may be said. */
export function readNothing(fields: Fields): void {
  only(fields, []);
}

/** Of a CPU profile; ms. */
export function readProfile(fields: Fields): number {
  only(fields, ['seconds']);
  const { seconds = DEFAULT_SECONDS } = fields;
  if (typeof seconds !== 'number' || !(seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS))
    throw new Refusal(400, `seconds: found ${describe(seconds)}, expected a number from ${LEAST_SECONDS} to ${MOST_SECONDS}`);
  return Math.round(seconds * 1000);
}

export function readInspect(fields: Fields): { readonly holdDeadline: boolean } {
  only(fields, ['holdDeadline']);
  return { holdDeadline: readFlag(fields, 'holdDeadline') };
}

export function readScale(fields: Fields): number {
  only(fields, ['workers']);
  const { workers } = fields;
  if (typeof workers !== 'number' || !Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS)
    throw new Refusal(400, `workers: found ${describe(workers)}, expected a whole number from 1 to ${MOST_WORKERS}`);
  return workers;
}

/** Whether the end is forced. */
export function readStop(fields: Fields): boolean {
  only(fields, ['force']);
  return readFlag(fields, 'force');
}

function readFlag(fields: Fields, name: string): boolean {
  const { [name]: value = false } = fields;
  if (typeof value !== 'boolean') throw new Refusal(400, `${name}: found ${describe(value)}, expected true or false`);
  return value;
}

function only(fields: Fields, names: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new Refusal(
    400,
    `body: found the unknown field ${describe(unknown)}, expected ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
}
