import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environmentFor } from '../builds.ts';
import { Family } from '../measure/family.ts';
import { proportionalBytes } from '../measure/memory-of.ts';

const LIMIT_MS = 60_000;

/**
 * Bytes that each of so many idle workers adds to the program that has them.
 * @throws Error when the pool does not come to rest
 */
export async function idleBytes(file: string, workers: number, folder: string, build: string): Promise<number> {
  const family = new Family();
  const child = spawn(process.execPath, ['run-one.mjs', file, `${workers}`], {
    cwd: folder,
    env: family.environment(environmentFor(build)),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  family.begin(child.pid);
  const limit = setTimeout(() => family.endNow(), LIMIT_MS);
  try {
    let alone = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'begun') {
        alone = bytesOf(family);
        child.stdin.write('go\n');
      }
      if (line === 'idle') return (bytesOf(family) - alone) / workers;
    }
    throw new Error(`${file} with ${workers} workers ended before it came to rest`);
  } finally {
    clearTimeout(limit);
    await family.end();
  }
}

function bytesOf(family: Family): number {
  return family.members.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0);
}
