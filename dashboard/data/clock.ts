import { signal } from '@preact/signals';

/** Now, once a second, for ages that grow. Unix time in ms. */
export const clock = signal(Date.now());

export function runClock(): void {
  setInterval(() => {
    clock.value = Date.now();
  }, 1000);
}
