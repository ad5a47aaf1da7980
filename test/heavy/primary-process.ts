/**
 * A primary that can be asked about itself: calls `serve` with the options in its first argument and answers questions over
 * the IPC channel of `child_process.fork`. `start-primary.ts` is the other end.
 */
import { createServer, type RequestListener } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serve, type ServeOptions } from '../../src/index.ts';
import { countObjects, measureHeapBytes, measureHoldings, type Holdings, type ObjectCounts } from './figures.ts';
import { countTasks, type TaskCounts } from './task-counts.ts';

/** `bare` is a node:http server with the same handler, to compare with. */
export type PrimaryOptions = ServeOptions & { readonly bare?: boolean };

export interface Answers {
  readonly holdings: Holdings;
  readonly objects: ObjectCounts;
  readonly heapBytes: number;
  readonly tasks: TaskCounts;
  /** 99th percentile of the delay of the event loop since this was last asked, ms. */
  readonly delayP99Ms: number;
  /** Messages of `process.on('warning')`, such as that of too many listeners. */
  readonly warnings: readonly string[];
  /** Ends the server; the process ends when nothing is left in it. */
  readonly close: null;
}

export type Question = keyof Answers;

const DELAY_RESOLUTION_MS = 1;

const options = JSON.parse(process.argv[2] ?? '{}') as PrimaryOptions;
const tasks = countTasks();
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
const warnings: string[] = [];
process.on('warning', ({ name, message }) => {
  // v8.queryObjects, by which the figures are taken.
  if (name !== 'ExperimentalWarning') warnings.push(`${name}: ${message}`);
});

const server = options.bare === true ? await serveBare(String(options.entry)) : await serve(options);

const answer: { readonly [Q in Question]: () => Answers[Q] | Promise<Answers[Q]> } = {
  holdings: measureHoldings,
  objects: countObjects,
  heapBytes: measureHeapBytes,
  tasks,
  warnings: () => warnings,
  delayP99Ms: () => {
    // The histogram holds the time from one tick of its timer to the next.
    const p99Ms = Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS);
    delay.reset();
    return p99Ms;
  },
  close: async () => {
    delay.disable();
    await server.close();
    setImmediate(() => process.disconnect());
    return null;
  },
};

process.on('message', (question: Question) => {
  void (async () => process.send?.({ question, answer: await answer[question]() }))();
});
delay.enable();
process.send?.({ question: 'url', answer: server.url });

async function serveBare(entry: string): Promise<{ url: string; close(): Promise<void> }> {
  const module = (await import(entry)) as { default: RequestListener };
  const bare = createServer(module.default);
  await new Promise<void>((resolve) => {
    bare.listen(0, '127.0.0.1', resolve);
  });
  const address = bare.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      bare.close(() => resolve());
      bare.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}
