import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { environmentFor } from '../builds.ts';
import { Family } from './family.ts';

const SHOWN = 200;

/**
 * Runs a program of this bench in a process of its own, with the prefork of a build, and returns the JSON of its last line. Whatever it started is ended
 * with it.
 * @throws Error that says what it said, when it fails or does not end in time
 */
export async function runProgram<Result>(
  args: readonly string[],
  folder: string,
  limitMs: number,
  build: string,
): Promise<Result> {
  const family = new Family();
  const env = family.environment(environmentFor(build));
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  family.begin(child.pid);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    family.endNow();
  }, limitMs);
  try {
    const exit = once(child, 'exit').then(async ([code]) => {
      // What it left behind would hold its output open.
      await family.end();
      return code as number | null;
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    if (isLate) throw new Error(`it did not end within ${limitMs / 1000} s`);
    if (code !== 0) throw new Error(lineOf(stderr) ?? `it ended with ${code ?? 'a signal'}`);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
  } finally {
    clearTimeout(limit);
  }
}

function lineOf(stderr: string): string | undefined {
  return /^\w*Error.*$/m.exec(stderr)?.[0].slice(0, SHOWN);
}
