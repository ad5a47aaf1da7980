/** The live connection to the lab: each event is all that there is to know, so none that was missed is missed. */
import { signal } from '@preact/signals';
import { connection } from '../data/connection.ts';
import type { LabState } from './types.ts';

/** The state comes twice a second: when it has not for so long, what the page shows is old. */
const STALE_MS = 3000;
const RETRY_MS = 1000;

export const lab = signal<LabState | null>(null);

let lastAtMs = Date.now();

export function followLab(): void {
  open();
  setInterval(() => {
    if (Date.now() - lastAtMs > STALE_MS) lose();
  }, 500);
}

function open(): void {
  const source = new EventSource('/api/events');
  source.addEventListener('state', ({ data }: MessageEvent<string>) => {
    lastAtMs = Date.now();
    if (connection.value.is !== 'live') connection.value = { is: 'live' };
    lab.value = JSON.parse(data) as LabState;
  });
  source.addEventListener('error', () => {
    lose();
    // An answer that is no stream ends it for good, unless it is begun anew.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(open, RETRY_MS);
  });
}

function lose(): void {
  if (connection.value.is === 'live') connection.value = { is: 'lost', sinceMs: lastAtMs };
}
