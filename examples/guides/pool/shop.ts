import { NotFound } from './not-found.ts';

export function price(id: number): number {
  if (id < 0) throw new RangeError('ids begin with 0');
  if (id > 9) throw new NotFound(id);
  return 100 + id;
}

/** Ends its own process, as a bug in native code or a lack of memory would. */
export function crash(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
