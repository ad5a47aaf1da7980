/** Which workers are shown, and in which order. */
import type { WorkerInfo } from '../../admin/api.ts';

export const ORDERS = ['run', 'cpu', 'memory', 'delay', 'served', 'id'] as const;
export type Order = (typeof ORDERS)[number];

/** The largest first, but for the id. Equal ones stay in the order of their ids, so that rows do not dance. */
export function shownWorkers(
  workers: readonly WorkerInfo[],
  { order, isReversed, filter }: { readonly order: Order; readonly isReversed: boolean; readonly filter: string },
): readonly WorkerInfo[] {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = workers.filter((worker) => {
    const text = searchedText(worker);
    return wanted.every((word) => text.includes(word));
  });
  const sign = isReversed ? -1 : 1;
  return matching.toSorted((a, b) => sign * (valueOf(b, order) - valueOf(a, order)) || a.id - b.id);
}

/** What a filter looks at: everything of a worker that has a name. */
function searchedText(worker: WorkerInfo): string {
  const { pid, id, state, health, lane, task } = worker;
  return `${pid} w${id} ${state} ${health} ${lane ?? ''} ${task === null ? '' : `${task.method} ${task.url}`}`.toLowerCase();
}

function valueOf(worker: WorkerInfo, order: Order): number {
  switch (order) {
    case 'run':
      // One that hangs without a task is no less of a worry.
      return worker.task?.runMs ?? (worker.health === 'hung' ? Number.MAX_SAFE_INTEGER : -1);
    case 'cpu':
      return worker.cpuPercent;
    case 'memory':
      return worker.rssBytes;
    case 'delay':
      return worker.eventLoopDelayMs;
    case 'served':
      return worker.served;
    case 'id':
      return -worker.id;
  }
}
