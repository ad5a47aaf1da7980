/** What the page asks the lab to do; what comes of it is seen in the lanes, and what does not, is told here. */
import { signal } from '@preact/signals';
import { askJson, toldOf } from '../data/ask.ts';
import type { LabMode } from './types.ts';

/** Why the last order was not done. */
export const failure = signal<string | null>(null);

export function order(path: string, body: Readonly<Record<string, unknown>> = {}): void {
  failure.value = null;
  askJson(path, body).catch((error: unknown) => {
    failure.value = toldOf(error);
  });
}

/** In all lanes without a mode. */
export function askLanes(number: number, times: number, mode?: LabMode): void {
  order('/api/ask', { number, times, ...(mode === undefined ? {} : { mode }) });
}
