/** Projects of users: what they have, and what came of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { endsWithTest } from '../support/ends-with-test.ts';
import { root } from '../support/paths.ts';
import { until } from '../support/until.ts';

export const PRIMES = `
  export function isPrime(n: number): boolean {
    for (let factor = 2; factor * factor <= n; factor += 1) if (n % factor === 0) return false;
    return n > 1;
  }
  export async function* primes(most: number): AsyncGenerator<number> {
    for (let n = 2; n < most; n += 1) if (isPrime(n)) yield n;
  }
  export function fails(): never {
    throw new RangeError('as it was meant to');
  }
  export function forever(): never {
    for (;;);
  }
`;

/** A folder in which `prefork` is installed as a user has it, by a link. */
export async function project(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(t, { 'package.json': '{"type":"module"}' });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink(root, join(folder, 'node_modules', 'prefork'));
  return folder;
}

export interface RunOptions {
  /** Default the Node that runs the test. */
  readonly node?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program printed, once it has ended by itself, and well. */
export async function outputOf(
  args: readonly string[],
  cwd: string,
  { node = process.execPath, env = {} }: RunOptions = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  // Each version of Node has a format of its own for coverage.
  const coverage = node === process.execPath ? {} : { NODE_V8_COVERAGE: undefined };
  const child = spawn(node, args, {
    cwd,
    env: { ...process.env, NODE_NO_WARNINGS: '1', NODE_TEST_CONTEXT: undefined, ...coverage, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithTest(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => void (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => void (stderr += bytes.toString()));
  let code: number | null | undefined;
  child.once('close', (exitCode) => (code = exitCode));
  await until(() => code !== undefined, { describe: () => `the program to end; it said ${stdout}${stderr}`, withinMs: 60_000 });
  assert.equal(code, 0, `${stdout}${stderr}`);
  return { stdout, stderr };
}
