import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Family } from './family.ts';

const SHOWN_LINES = 5;
const SHOWN = 500;

/**
 * Runs a command to its end. It ends with the bench, and whatever it started ends with it.
 * @throws Error with the end of what it said, when it is not there or fails
 */
export async function runCommand(file: string, args: readonly string[], folder: string): Promise<void> {
  const family = new Family();
  const child = spawn(file, args, { cwd: folder, env: family.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  family.begin(child.pid);
  const said = Promise.all([text(child.stdout), text(child.stderr)]).then(
    (parts) => parts.join('\n').trim().split('\n'),
    () => [],
  );
  const command = [file, ...args].join(' ');
  let code: unknown;
  try {
    [code] = (await once(child, 'exit')) as [unknown];
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}`, { cause: error });
  } finally {
    // What it left behind would hold its output open.
    await family.end();
  }
  if (code === 0) return;
  const lines = (await said).slice(-SHOWN_LINES).join(' | ').slice(-SHOWN);
  throw new Error(`${command} ended with ${typeof code === 'number' ? `exit code ${code}` : 'a signal'}: ${lines}`);
}
