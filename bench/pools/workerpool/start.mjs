import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

export function startWorkerpool(workers, workerType) {
  const pool = workerpool.pool(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
    workerType,
    minWorkers: workers,
    maxWorkers: workers,
    // Without it child processes speak JSON, in which a Uint8Array is an object of a million numbers.
    ...(workerType === 'process' ? { forkOpts: { serialization: 'advanced' } } : {}),
  });
  const canMove = workerType === 'thread';
  return {
    run: (name, argument) =>
      pool.exec(name, [argument], name === 'stamp' && canMove ? { transfer: [argument.buffer] } : undefined),
    end: () => pool.terminate(),
  };
}
