import { createHash, randomInt } from 'node:crypto';

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const LENGTH = 12;

/** The id of an incident: random, so that two servers that write to one folder have no two alike, and short enough to be read out. */
export function newIncidentId(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/**
 * The same for a task of mode cluster: its worker answers the client and the primary keeps the record, and neither has to ask the other.
 *
 * @param seed random, one for each server
 */
export function incidentIdOf(seed: string, pid: number, task: number): string {
  const digest = createHash('sha256').update(`${seed} ${pid} ${task}`).digest();
  return Array.from(digest.subarray(0, LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('');
}
