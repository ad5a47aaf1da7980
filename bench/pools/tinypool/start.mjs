import { Tinypool } from 'tinypool';

export function startTinypool(workers, runtime) {
  const pool = new Tinypool({
    filename: new URL('worker.mjs', import.meta.url).href,
    runtime,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 32,
    // Without it child processes speak JSON, in which a Uint8Array is an object of a million numbers.
    serialization: 'advanced',
  });
  const canMove = runtime === 'worker_threads';
  return {
    run: (name, argument) =>
      pool.run(argument, name === 'stamp' && canMove ? { name, transferList: [argument.buffer] } : { name }),
    end: () => pool.destroy(),
  };
}
