import type { LabMode } from './types.ts';

export const LONG = 29_355_126_551;
export const SHORTS = [7, 13] as const;

/** What one sees in each mode, and why. */
export const MODE_WORDS: Readonly<Record<LabMode, { readonly what: string; readonly why: string }>> = {
  blocking: {
    what: 'A short request waits until every long one before it is done.',
    why: 'The server is one process that does one thing at a time, as plain Node is: while it divides, it reads no request, not even that of its dashboard.',
  },
  fork: {
    what: 'A short request is answered at once, each time by another process.',
    why: 'Every request gets a process of its own, booted before it came, which ends with it: safe, and the dearest way.',
  },
  pool: {
    what: 'A short request is answered at once, by a process that comes back.',
    why: 'What computes for more than 50 ms goes on in the long lane at a low priority, and its worker is replaced by another one for the next.',
  },
  thread: {
    what: 'A short request is answered at once, always by the same process.',
    why: 'Workers are threads of the server: they take less memory, but none can be given a lower priority, so that many long ones take CPU from the short.',
  },
  cluster: {
    what: 'A short request is answered as long as one worker is free, and waits when all compute.',
    why: 'Each worker takes connections by itself, one for each CPU: who computes takes none, and nobody hands it to another.',
  },
};
