/** Threads share one pid, so a worker is named by its id. */
export function workerPath(id: number, order: 'trace' | 'profile' | 'heap' | 'inspect' | 'recycle' | 'kill'): string {
  return `/api/workers/w${id}/${order}`;
}
