/** Figures and moments as a person reads them. Pure, and text: whoever shows it never takes it for HTML. */
import type { Moment, WorkerInfo } from './types.ts';

/** `0.4 ms`, `12 ms`, `3.4 s`, `5 min 02 s`, `3 h 05 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `12 s`, `4 min`, `3 h`: as short as a tile needs. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

export function bytes(count: number): string {
  if (count < 1024 ** 2) return `${Math.round(count / 1024)} KB`;
  if (count < 10 * 1024 ** 3) return `${Math.round(count / 1024 ** 2)} MB`;
  return `${(count / 1024 ** 3).toFixed(1)} GB`;
}

/** `0`, `3.2`, `48`, `12,300`. */
export function amount(value: number): string {
  if (value !== 0 && value < 10) return String(Math.round(value * 10) / 10);
  return Math.round(value).toLocaleString('en-GB');
}

export function time(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB');
}

export function dateAndTime(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${amount(count)} ${count === 1 ? one : many}`;
}

/** The last parts of a path; all of it is for a title. */
export function shortPath(path: string, parts = 2): string {
  const pieces = path.split('/');
  return pieces.length <= parts + 1 ? path : `…/${pieces.slice(-parts).join('/')}`;
}

/** A sentence of the server's with the paths in it told from the folder of the entry, where a person is at home. */
export function fromHome(text: string, entry: string): string {
  const folder = entry.slice(0, entry.lastIndexOf('/') + 1);
  return folder.length > 1 ? text.replaceAll(folder, '') : text;
}

export type Look = 'booting' | 'idle' | 'busy' | 'demoted' | 'hung' | 'draining' | 'killing';

/** A worker in one word: its state, and what matters more than that. */
export function lookOf({ state, lane, health }: Pick<WorkerInfo, 'state' | 'lane' | 'health'>): Look {
  if (state === 'killing') return 'killing';
  if (health === 'hung') return 'hung';
  if (state === 'starting') return 'booting';
  if (state === 'busy') return lane === 'long' ? 'demoted' : 'busy';
  return state;
}

export interface Told {
  readonly tone: 'bad' | 'warn' | 'calm';
  readonly text: string;
}

const WORDS: Readonly<Record<string, (moment: Moment) => Told>> = {
  'server:listening': ({ url }) => calm(`listens on ${String(url)}`),
  'server:draining': ({ running }) => warn(`ends: ${plural(Number(running), 'task')} get their time`),
  'server:closed': ({ lost }) => calm(`ended, ${plural(Number(lost), 'task')} cut off`),
  'server:notice': ({ message }) => warn(String(message)),
  'worker:starting': () => calm('boots'),
  'worker:ready': ({ bootMs }) => calm(`is ready after ${duration(Number(bootMs))}`),
  'worker:health': ({ health, eventLoopDelayMs }) => healthWords(String(health), Number(eventLoopDelayMs)),
  'worker:draining': ({ reason }) => calm(`drains: ${String(reason)}`),
  'worker:killing': ({ reason }) => (reason === 'shutdown' ? calm('is ended: shutdown') : warn(`is killed: ${String(reason)}`)),
  'worker:gone': ({ reason, unexpected }) =>
    unexpected === true ? bad(`died: ${String(reason)}`) : calm(`is gone: ${String(reason)}`),
  'worker:boot-failed': ({ message }) => bad(`did not boot: ${String(message)}`),
  'boots:paused': ({ failures, retryMs }) =>
    bad(`${plural(Number(failures), 'boot')} failed in a row; the next is tried in ${duration(Number(retryMs))}`),
  'boots:resumed': () => calm('workers boot again'),
  'task:demoted': ({ task }) => warn(`task ${String(task)} is demoted: it goes on in the long lane`),
  'task:requeued': ({ task }) => warn(`task ${String(task)} runs long and the long lane is full: it is stopped and waits`),
  'task:overstays': ({ task }) => warn(`task ${String(task)} runs long and the long lane is full: it stays`),
  'task:revoked': ({ task }) => calm(`task ${String(task)} is taken back before it began`),
  'task:retried': ({ task }) => warn(`task ${String(task)} lost its worker and is started again`),
  'task:slow': ({ task, runMs, summary }) =>
    warn(`task ${String(task)} is slow, ${duration(Number(runMs))} so far${typeof summary === 'string' ? `: ${summary}` : ''}`),
  'task:failed': ({ task, message }) => bad(`task ${String(task)} failed: ${String(message)}`),
};

/** One line for a moment; of a type that this page does not know, its name. */
export function wordsOf(moment: Moment): Told {
  const words = Object.hasOwn(WORDS, moment.type) ? WORDS[moment.type] : undefined;
  return words?.(moment) ?? calm(moment.type);
}

function healthWords(health: string, eventLoopDelayMs: number): Told {
  if (health === 'hung') return bad('is hung: nothing in it answers');
  if (health === 'busy') return calm(`computes: its event loop has not turned for ${duration(eventLoopDelayMs)}`);
  return calm('answers again');
}

function bad(text: string): Told {
  return { tone: 'bad', text };
}

function warn(text: string): Told {
  return { tone: 'warn', text };
}

function calm(text: string): Told {
  return { tone: 'calm', text };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
